"""What the way out reads: the server name of a client hello, and the rules of a firewall."""

import contextlib
import ssl
from ipaddress import IPv4Address, IPv4Network

import pytest
from embedded_aws.egress import client_hello, suricata
from embedded_aws.egress.suricata import Packet, UnreadableRuleError

NAME = "api.acquirer.example"
VPC = IPv4Network("10.7.0.0/16")
NETWORKS = {"HOME_NET": (VPC,), "PL_1": (IPv4Network("198.51.100.0/24"), IPv4Network("192.0.2.0/24"))}


def hello(name: str | None) -> bytes:
    """A client hello of this machine's OpenSSL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    sent = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=name).do_handshake()
    return sent.read()


@pytest.mark.parametrize("name", [NAME, None])
def test_the_server_name_is_read(name: str | None) -> None:
    sent = hello(name)
    assert client_hello.complete(sent)
    assert client_hello.server_name(sent) == name
    assert client_hello.server_name(hello("API.Acquirer.Example")) == NAME


def test_a_hello_is_complete_with_its_last_byte() -> None:
    sent = hello(NAME)
    assert not any(client_hello.complete(sent[:length]) for length in range(len(sent)))


def test_a_hello_may_come_in_several_records() -> None:
    sent = hello(NAME)
    head, message = sent[:3], sent[5:]
    parts = [message[start : start + 100] for start in range(0, len(message), 100)]
    split = b"".join(head + len(part).to_bytes(2) + part for part in parts)
    assert client_hello.complete(split)
    assert client_hello.server_name(split) == NAME


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\n", b"\x17\x03\x03\x00\x01x", b"\x16\x03\x01\x00\x01\x02"]
)
def test_other_bytes_are_no_tls(sent: bytes) -> None:
    with pytest.raises(client_hello.NotTlsError):
        client_hello.complete(sent)


def test_a_hello_that_says_less_than_it_announces_is_none() -> None:
    sent = hello(NAME)
    for length in range(45, len(sent), 7):
        body = sent[9:length]
        message = b"\x01" + len(body).to_bytes(3) + body
        cut = b"\x16\x03\x01" + len(message).to_bytes(2) + message
        with contextlib.suppress(client_hello.NotTlsError):
            assert client_hello.server_name(cut) in (None, NAME)


SNI = 'tls.sni; content:"api.acquirer.example"; startswith; endswith; nocase; '
PASSED = f'pass tls $HOME_NET any -> any 443 ({SNI}msg:"x"; flow:to_server,established; sid:1; rev:1;)'

BELOW = 'pass tls any any -> any any (tls.sni; dotprefix; content:".a.test"; endswith; sid:1;)'


@pytest.mark.parametrize(
    ("rule", "address", "port", "name", "found"),
    [
        (PASSED, "203.0.113.1", 443, NAME, "pass"),
        (PASSED, "203.0.113.1", 443, None, None),
        (PASSED, "203.0.113.1", 443, "", None),
        (PASSED, "203.0.113.1", 443, f"x.{NAME}", None),
        (PASSED, "203.0.113.1", 8443, NAME, None),
        ("pass tcp $HOME_NET any -> 203.0.113.0/24 8443 (sid:1;)", "203.0.113.1", 8443, None, "pass"),
        ("pass tcp $HOME_NET any -> 203.0.113.0/24 8443 (sid:1;)", "203.0.114.1", 8443, None, None),
        ("pass tcp 10.8.0.0/16 any -> 203.0.113.0/24 8443 (sid:1;)", "203.0.113.1", 8443, None, None),
        ("pass tcp any any -> @PL_1 443 (sid:1;)", "192.0.2.9", 443, None, "pass"),
        ("pass tcp any any -> @PL_1 443 (sid:1;)", "203.0.113.9", 443, None, None),
        ('drop ip $HOME_NET any -> any any (msg:"no acquirer"; sid:1;)', "192.0.2.9", 22, None, "drop"),
        ("alert tcp any any -> any any (sid:1;)", "192.0.2.9", 22, None, None),
        (BELOW, "192.0.2.9", 1, "b.a.test", "pass"),
        (BELOW, "192.0.2.9", 1, "ba.test", None),
    ],
)
def test_a_rule_decides(rule: str, address: str, port: int, name: str | None, found: str | None) -> None:
    packet = Packet(IPv4Network("10.7.1.0/24"), IPv4Address(address), port, name)
    assert suricata.decided(suricata.parse(rule, NETWORKS), packet) == found


@pytest.mark.parametrize(
    "rule",
    [
        'pass http any any -> any 80 (http.host; content:"x"; sid:1;)',
        'pass tls any any -> any 443 (tls.sni; content:"x"; sid:1;)',
        'pass tls any any -> any 443 (tls.sni; pcre:"/x/"; sid:1;)',
        "pass tcp any any -> any [80,443] (sid:1;)",
        "pass tcp any any -> !203.0.113.0/24 443 (sid:1;)",
        "pass tcp any any -> $NOWHERE 443 (sid:1;)",
        "pass tcp any 1024 -> any 443 (sid:1;)",
        "pass tcp any any <> any 443 (sid:1;)",
        "allow it",
    ],
)
def test_a_rule_that_is_not_imitated_is_named(rule: str) -> None:
    with pytest.raises(UnreadableRuleError) as error:
        suricata.parse(f"# comment\n\n{rule}", NETWORKS)
    assert str(error.value) == rule
