"""`[network]`: acquirers by network or by name, and the firewall that names need."""

from pathlib import Path

import pytest

from modules.config.loader import ConfigurationError, load
from modules.config.network import remarks
from tests.workspaces import ROOT

SHIPPED = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
FIREWALL = "\n[network]\nfirewall = true\n"


def row(*lines: str, reason: str = "acquirer") -> str:
    return "\n".join(("\n[[network.egress]]", *lines, f'reason = "{reason}"\n'))


DOMAIN = 'domain = "api.acquirer.example"'
LISTS = "".join(row(f'prefix_list = "pl-0123456789abcdef{number}"', "port = 8443") for number in range(6))


def mistakes(directory: Path, text: str) -> str:
    (directory / "staging.toml").write_text(SHIPPED + text, encoding="utf-8")
    try:
        load(directory)
    except ConfigurationError as error:
        return "\n".join(error.mistakes)
    return ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (row(DOMAIN), "set firewall = true, or name the acquirer's networks in cidr"),
        (FIREWALL + row(DOMAIN, 'cidr = "203.0.113.0/24"'), "name one of cidr, prefix_list and domain"),
        (FIREWALL + row(), "name one of cidr, prefix_list and domain"),
        (FIREWALL + row('domain = "*.acquirer.example"'), "not of the allowed form"),
        (FIREWALL + row('domain = "acquirer"'), "not of the allowed form"),
        (FIREWALL + row('domain = "api.acquirer.example."'), "not of the allowed form"),
        (FIREWALL + row('domain = "203.0.113.7"'), "not of the allowed form"),
        (FIREWALL + row('domain = "a\\"; sid:1.example"'), "not of the allowed form"),
        (
            FIREWALL + row(DOMAIN, 'colour = "blue"') + row('domain = "b.example"', 'colour = "green"'),
            "the firewall lets each colour reach all of them",
        ),
        (
            FIREWALL + row(DOMAIN) + row('cidr = "203.0.113.0/24"', 'colour = "green"'),
            "the firewall lets each colour reach all of them",
        ),
        (FIREWALL + LISTS, "names 6 prefix lists: with firewall = true at most 5"),
        ('\n[network]\nfirewall = "yes"\n', "Input should be a valid boolean"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in mistakes(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        FIREWALL + row(DOMAIN),
        FIREWALL + row(DOMAIN) + row('cidr = "203.0.113.0/24"', "port = 8443", 'colour = "green"'),
        FIREWALL + row(DOMAIN, 'colour = "blue"') + row('domain = "b.example"', 'colour = "blue"'),
        LISTS,
    ],
)
def test_what_is_taken(tmp_path: Path, text: str) -> None:
    assert mistakes(tmp_path, text) == ""


def test_a_firewall_without_acquirers_is_told_what_it_costs(tmp_path: Path) -> None:
    """docs/costs.md has the price."""
    assert mistakes(tmp_path, FIREWALL) == ""
    (deployment,) = load(tmp_path)
    _, firewall = remarks(deployment)
    assert "nothing passes its 3 endpoints, which cost about 865.05 USD a month" in firewall
    assert "| 865.05 |" in (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
