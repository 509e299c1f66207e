"""Every generated name keeps the rule of its service, whatever a valid deployment is called."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.config import names
from modules.config.loader import ConfigurationError, load
from tests.stack_reader import Stack
from tests.workspaces import ROOT

SHIPPED = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
# Attributes that name something; others, such as descriptions, may quote the name of a resource.
NAME = re.compile(r"(name|identifier|family|bucket)$")
RULES = tuple(dict.fromkeys(rule for rule, _ in names.GENERATED.values()))


def named(directory: Path, name: str) -> Path:
    """The configuration of staging under another name."""
    text = SHIPPED.replace("payments-staging@", f"payments-{name}@")
    (directory / f"{name}.toml").write_text(text, encoding="utf-8")
    return directory


def made(stack: Stack) -> dict[tuple[str, str], set[str]]:
    """(type, attribute) → the names in a stack that hold its prefix and refer to nothing."""
    found: dict[tuple[str, str], set[str]] = {}
    for type_ in stack.document["resource"]:
        for resource in stack.all(type_):
            for attribute, value in resource.block.items():
                literal = isinstance(value, str) and "payments-" in value and "${" not in value
                if literal and NAME.search(attribute):
                    found.setdefault((type_, attribute), set()).add(value)
    return found


def test_every_generated_name_is_in_the_table_and_keeps_its_rule(stack: Stack) -> None:
    found = made(stack)

    assert set(found) == set(names.GENERATED)
    for key, values in found.items():
        rule, _ = names.GENERATED[key]
        assert {value: rule.problem(value) for value in values} == dict.fromkeys(values), key


def test_the_table_has_the_longest_name_of_each_attribute(stack: Stack) -> None:
    """And no longer one. The instances' numbers have two digits at most: 16 instances."""
    name = stack.one("aws_lb")["name"]
    for key, values in made(stack).items():
        longest = names.GENERATED[key][1].format(prefix=name, account_id="123456789012")
        assert max(map(len, values)) <= len(longest), key
        assert longest in values or key == ("aws_rds_cluster_instance", "identifier")


@cache
def shape(name: str) -> Any:
    """A shape of botocore's models, such as `ecr.RepositoryName`."""
    service, _, shape_name = name.partition(".")
    return boto3.Session()._session.get_service_model(service).shape_for(shape_name)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.shape], ids=lambda rule: rule.shape)
def test_rules_are_those_of_the_service_models(rule: names.Rule) -> None:
    stated = shape(str(rule.shape)).metadata
    assert rule.minimum >= stated.get("min", 0)
    assert rule.maximum <= stated.get("max", rule.maximum)
    if "pattern" in stated:
        assert rule.pattern == stated["pattern"]


@given(st.from_regex("[a-z][a-z0-9-]{0,15}", fullmatch=True))
def test_a_name_is_accepted_exactly_if_all_services_take_what_is_made_of_it(name: str) -> None:
    """The oracle: RDS allows no two hyphens in a row and, as load balancing, none at the end."""
    refusals = list(names.problems(f"payments-{name}"))

    assert bool(refusals) == ("--" in name or name.endswith("-"))


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("a--b", "aws_ecr_repository.name would be payments-a--b, which does not match the rule"),
        ("local-", "aws_ecr_repository.name would be payments-local-, which does not match the rule"),
        ("a" * 17, "not of the allowed form"),
        ("1a", "not of the allowed form"),
    ],
)
def test_a_name_that_a_service_refuses_is_a_mistake_of_the_key_name(
    tmp_path: Path, name: str, what: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(named(tmp_path, name))

    mistakes = [m for m in caught.value.mistakes if f'{name}.toml: name = "{name}"' in m]
    assert len(mistakes) == 1
    assert "single hyphens, a letter first, no hyphen last" in mistakes[0]
    assert what in mistakes[0]


def test_names_of_the_allowed_lengths_load(tmp_path: Path) -> None:
    for name in ("a", "a-b", "a1-2-3", "a" * 16):
        named(tmp_path, name)
    assert len(load(tmp_path)) == 4
