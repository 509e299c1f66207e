"""An apply publishes a version and moves the aliases to it, in the same apply; Terraform itself says so."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from bluegreen.terraform import Terraform
from tests.stack_reader import Stack

pytestmark = pytest.mark.integration

ALIASES = ("operate", "workflow")


@pytest.fixture
def aws(_integration: None, tmp_path: Path) -> Iterator[embedded_aws.LocalAws]:
    with embedded_aws.running(tmp_path / "aws") as running:
        yield running


def document(stack: Stack, window: str) -> dict[str, Any]:
    """The function, its aliases and their permissions, with the arguments that the stack gives them."""
    switch = stack.at("switching/switch/function")
    function = {
        **{name: switch[name] for name in ("function_name", "handler", "runtime", "timeout", "publish")},
        "filename": "package.zip",
        "role": "${aws_iam_role.role.arn}",
        "environment": {"variables": {"WINDOWS": window}},
    }
    alias = {
        "function_name": "${aws_lambda_function.switch.function_name}",
        "function_version": "${aws_lambda_function.switch.version}",
    }
    permission = {"action": "lambda:InvokeFunction", "function_name": alias["function_name"]}
    principals = {"operate": "arn:aws:iam::123456789012:root", "workflow": "${aws_iam_role.role.arn}"}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}},
        "provider": {"aws": [{"region": embedded_aws.REGION, "max_retries": 2}]},
        "resource": {
            "aws_iam_role": {
                "role": {
                    "name": "caller",
                    "assume_role_policy": json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
                }
            },
            "aws_lambda_function": {"switch": function},
            "aws_lambda_alias": {name: {"name": name, **alias} for name in ALIASES},
            "aws_lambda_permission": {
                name: {
                    **permission,
                    "principal": principals[name],
                    "qualifier": f"${{aws_lambda_alias.{name}.name}}",
                }
                for name in ALIASES
            },
        },
    }


@pytest.mark.long
def test_an_apply_moves_the_aliases_to_the_version_that_it_publishes(
    stacks: dict[str, Stack], aws: embedded_aws.LocalAws, tmp_path: Path
) -> None:
    place = tmp_path / "stack"
    place.mkdir()
    with zipfile.ZipFile(place / "package.zip", "w") as package:
        package.writestr("switch/handler.py", "def handler(event, context):\n    return {}\n")
    terraform, functions = Terraform(place, aws.environment()), aws.client("lambda")
    name = stacks["local"].at("switching/switch/function")["function_name"]

    def applied(window: str) -> dict[str, str]:
        (place / "cdk.tf.json").write_text(json.dumps(document(stacks["local"], window)))
        terraform.init()
        terraform.apply(lambda _: None)
        assert terraform.plan(place / "tfplan").changes == ()
        found = functions.list_aliases(FunctionName=name)["Aliases"]
        return {alias["Name"]: alias["FunctionVersion"] for alias in found}

    assert applied("always") == dict.fromkeys(ALIASES, "1")
    for alias in ALIASES:
        policy = json.loads(functions.get_policy(FunctionName=name, Qualifier=alias)["Policy"])
        assert len(policy["Statement"]) == 1
    assert applied("mon 10:00-11:00") == dict.fromkeys(ALIASES, "2")
    for alias in ALIASES:
        leads_to = functions.get_function_configuration(FunctionName=name, Qualifier=alias)
        assert leads_to["Environment"]["Variables"] == {"WINDOWS": "mon 10:00-11:00"}
