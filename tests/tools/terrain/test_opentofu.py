"""What OpenTofu does not understand is found, and no other program is taken for it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.workspaces import DEPLOYMENTS, stack_of
from tools.terrain import opentofu
from tools.terrain.terraform_only import findings, main


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_the_shipped_stacks_have_nothing_that_is_only_terraforms(workspace: Path, deployment: str) -> None:
    assert findings(stack_of(workspace, deployment)) == []


@pytest.mark.parametrize(
    ("stack", "found"),
    [
        ({"action": {}}, "action: "),
        ({"list": {}}, "list: "),
        ({"terraform": {"cloud": {}}}, "terraform.cloud: "),
        ({"terraform": {"experiments": []}}, "terraform.experiments: "),
        ({"terraform": {"backend": {"remote": {}}}}, "terraform.backend.remote: "),
        (
            {"terraform": {"required_providers": {"aws": {"source": "registry.terraform.io/hashicorp/aws"}}}},
            "terraform.required_providers.aws: ",
        ),
        ({"output": {"url": {"value": "x", "ephemeral": True}}}, "output.url.ephemeral: "),
        (
            {"resource": {"aws_vpc": {"main": {"lifecycle": {"action_trigger": []}}}}},
            "aws_vpc.main.lifecycle.action_trigger: ",
        ),
        ({"locals": {"a": ["x${ provider::aws::arn_parse(var.b) }"]}}, "provider::aws::arn_parse(): "),
        ({"output": {"a": {"value": "${upper(lower(var.b))}"}}}, "lower(): "),
    ],
)
def test_what_is_only_terraforms_is_found(stack: Mapping[str, Any], found: str) -> None:
    assert findings(stack)[0].startswith(found)


@pytest.mark.parametrize("text", ["$${upper(x)}", "${aws_vpc.main.id}", "upper(x)", "${var.a} (b)"])
def test_text_that_calls_no_function_is_left_alone(text: str) -> None:
    assert findings({"locals": {"text": text}, "//": {"note": "${upper(x)}"}}) == []


def test_the_command_says_which_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "cdk.tf.json").write_text(json.dumps({"action": {}}))
    assert main(tmp_path) == 1
    assert capsys.readouterr().out == "one: action: not a block of OpenTofu\n"
    assert main(tmp_path / "one") == 1
    assert capsys.readouterr().err.startswith("error: no stack in ")


@pytest.mark.integration
@pytest.mark.parametrize(
    ("says", "exit_code", "words"),
    [
        ("OpenTofu v1.11.3", 0, "OpenTofu v1.11"),
        ("OpenTofu v1.9.4", 1, "cause: OpenTofu v1.9.4"),
        ("Terraform v1.11.4", 1, "cause: Terraform v1.11.4"),
    ],
)
def test_only_opentofu_is_taken_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], says: str, exit_code: int, words: str
) -> None:
    executable = tmp_path / "tofu"
    executable.write_text(f"#!/bin/sh\necho '{says}'\n")
    executable.chmod(0o755)
    assert opentofu.main(str(executable)) == exit_code
    assert words in "".join(capsys.readouterr())


@pytest.mark.integration
def test_a_missing_opentofu_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert opentofu.main("") == opentofu.main(str(tmp_path / "tofu")) == 1
    unset, missing = capsys.readouterr().err.split("error: no OpenTofu 1.11 or newer\n")[1:]
    assert "TOFU is not set" in unset
    assert "can't be run" in missing
