"""What an apply into an empty account needs first is made first."""

import json
import re

import pytest

from tests.stack_reader import Resource, Stack

COLOURS = ("blue", "green")
NAMED = re.compile(r"(?<![\w.])(aws_[a-z0-9_]+)\.([\w-]+)")


def made_before(stack: Stack, resource: Resource) -> set[str]:
    """Paths of all that Terraform makes before it, by references and `depends_on`."""
    found: set[str] = set()
    waiting = [resource]
    while waiting:
        for type_, name in NAMED.findall(json.dumps(waiting.pop().block)):
            if name not in stack.document["resource"].get(type_, {}):
                continue
            if (one := stack.named(f"${{{type_}.{name}.id}}")).path not in found:
                found.add(one.path)
                waiting.append(one)
    return found


@pytest.mark.parametrize("colour", COLOURS)
def test_the_first_rotation_waits_for_what_it_connects_to(stack: Stack, colour: str) -> None:
    """It begins at once, and a failed one rings. Secrets Manager API reference, RotateSecret."""
    before = made_before(stack, stack.at(f"{colour}-credentials/schedule"))
    instances = {
        one.path for one in stack.all("aws_rds_cluster_instance") if one.path.startswith(f"{colour}-")
    }
    rules = {
        one.path
        for type_ in ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")
        for one in stack.all(type_)
        if f"{colour}-rotation" in one.path
    }
    assert len(rules) == 4  # both ends to the database and to the endpoints
    needed = {"endpoints/secretsmanager", f"{colour}-credentials/policy", f"{colour}-credentials/permission"}
    assert before >= needed | instances | rules | {f"{colour}-credentials/rotation/runtime"}


@pytest.mark.parametrize("colour", COLOURS)
def test_a_secret_is_asked_for_its_age_once_the_function_reaches_aws(stack: Stack, colour: str) -> None:
    assert "endpoints/secretsmanager" in made_before(stack, stack.at(f"{colour}-credentials/age/target"))
