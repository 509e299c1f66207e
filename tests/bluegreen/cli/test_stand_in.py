"""`bluegreen local stand-in`. What services reach by it: packages/embedded_aws/tests/test_egress.py."""

import pytest

from tests.bluegreen.cli.conftest import Place, run

USAGE = 2
NAMED = ("api.acquirer.example", "--address", "198.51.100.20", "--local-port", "9443")
ADDRESSED = ("203.0.113.10", "--port", "8443", "--local-port", "9444")


@pytest.mark.parametrize(
    ("arguments", "known", "said"),
    [
        (
            NAMED,
            {"address": "198.51.100.20", "port": 443, "local_port": 9443, "name": "api.acquirer.example"},
            "127.0.0.1:9443 stands for api.acquirer.example:443",
        ),
        (
            ADDRESSED,
            {"address": "203.0.113.10", "port": 8443, "local_port": 9444, "name": None},
            "127.0.0.1:9444 stands for 203.0.113.10:8443",
        ),
    ],
)
def test_the_embedded_aws_knows_it(
    place: Place, arguments: tuple[str, ...], known: dict[str, object], said: str
) -> None:
    found = run("local", "stand-in", *arguments)
    assert (found.exit_code, said in found.output) == (0, True)
    assert known in place.aws.control("GET", "egress")["stand_ins"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("api.acquirer.example", "--local-port", "9443"),
        ("api.acquirer.example", "--address", "elsewhere.example", "--local-port", "9443"),
        ("203.0.113.10", "--address", "203.0.113.11", "--local-port", "9443"),
        ("203.0.113.10", "--local-port", "0"),
        ("203.0.113.10",),
        ("", "--local-port", "9443"),
        ("a b", "--address", "198.51.100.20", "--local-port", "9443"),
        ("::1", "--address", "198.51.100.20", "--local-port", "9443"),
    ],
)
def test_what_it_refuses(place: Place, arguments: tuple[str, ...]) -> None:
    before = place.aws.control("GET", "egress")["stand_ins"]
    assert run("local", "stand-in", *arguments).exit_code == USAGE
    assert place.aws.control("GET", "egress")["stand_ins"] == before
