"""The rules of a firewall, as far as they are read here: which networks and TLS server names pass.

Source: Network Firewall developer guide, "Working with stateful rule groups" and "Evaluation order for
stateful rule groups" (strict order: the first rule that passes or drops decides).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

RULE = re.compile(r"(\w+)\s+(\w+)\s+(\S+)\s+(\S+)\s+->\s+(\S+)\s+(\S+)\s+\((.*)\)")
OPTION = re.compile(r'\s*([\w.]+)(?::\s*("(?:[^"\\]|\\.)*"|[^;]*))?;')
ACTIONS, PROTOCOLS = ("pass", "drop", "reject", "alert"), ("tls", "tcp", "ip")
MEANINGLESS = frozenset({"msg", "sid", "rev", "flow", "nocase"})  # names are compared in lower case
EXACT = frozenset({"tls.sni", "content", "startswith", "endswith"})
BELOW = frozenset({"tls.sni", "content", "dotprefix", "endswith"})

Networks = Mapping[str, tuple[IPv4Network, ...]]  # of variables and references


class UnreadableRuleError(ValueError):
    """A rule says what is not imitated here. The message quotes it."""


@dataclass(frozen=True)
class Packet:
    """The beginning of a connection. `server_name`: of its client hello; None before that has come."""

    source: IPv4Network
    address: IPv4Address
    port: int
    server_name: str | None = None


@dataclass(frozen=True)
class Rule:
    """`names`: the server name that it asks for; `below`: those under it, too."""

    action: str
    protocol: str
    sources: tuple[IPv4Network, ...] | None
    destinations: tuple[IPv4Network, ...] | None
    port: int | None
    name: str | None
    below: bool = False

    def matches(self, packet: Packet) -> bool:
        """Whether it decides this packet."""
        if self.sources is not None and not any(packet.source.subnet_of(one) for one in self.sources):
            return False
        if self.destinations is not None and not any(packet.address in one for one in self.destinations):
            return False
        if self.port not in (None, packet.port):
            return False
        if self.protocol != "tls":
            return True
        found = packet.server_name
        if found is None or self.name is None:
            return found is not None
        return f".{found}".endswith(f".{self.name}") if self.below else found == self.name


def decided(rules: Iterable[Rule], packet: Packet) -> str | None:
    """`pass`, `drop` or `reject`; None: no rule decides."""
    return next((rule.action for rule in rules if rule.action != "alert" and rule.matches(packet)), None)


def parse(text: str, networks: Networks) -> list[Rule]:
    """The rules in their order. Raises UnreadableRuleError."""
    lines = (line.strip() for line in text.splitlines())
    return [_rule(line, networks) for line in lines if line and not line.startswith("#")]


def _rule(line: str, networks: Networks) -> Rule:
    found = RULE.fullmatch(line)
    if found is None or found[1] not in ACTIONS or found[2] not in PROTOCOLS or found[4] != "any":
        raise UnreadableRuleError(line)
    options = {name: value.strip('" ') for name, value in OPTION.findall(found[7])}
    asked = frozenset(options) - MEANINGLESS
    if asked and asked not in (EXACT, BELOW):
        raise UnreadableRuleError(line)
    try:
        return Rule(
            action=found[1],
            protocol=found[2],
            sources=_networks(found[3], networks),
            destinations=_networks(found[5], networks),
            port=None if found[6] == "any" else int(found[6]),
            name=options["content"].lower().lstrip(".") if asked else None,
            below=asked == BELOW,
        )
    except (KeyError, ValueError) as error:
        raise UnreadableRuleError(line) from error


def _networks(word: str, networks: Networks) -> tuple[IPv4Network, ...] | None:
    if word == "any":
        return None
    if word[0] in "$@":
        return networks[word[1:]]
    return (IPv4Network(word),)
