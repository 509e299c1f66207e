"""What Terraform would read and this gate could not: exit code 2 and the reason, never 0."""

import json
import os
from pathlib import Path

import pytest
from stack_gate import ExitCode

from packages.gate.tests.builder import KEY, document, messages, scan, write

GOOD = json.dumps(document())


def refused(output: Path) -> str:
    """What the errors of the scan say, which are the only reason for its exit code."""
    report = scan(output)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert report.findings == ()
    return messages(report)


def test_no_such_directory(tmp_path: Path) -> None:
    assert "absent is not a directory" in refused(tmp_path / "absent")


def test_a_file_in_the_place_of_a_directory(tmp_path: Path) -> None:
    (tmp_path / "cdktf.out").write_text("")
    assert "cdktf.out is not a directory" in refused(tmp_path / "cdktf.out")


@pytest.mark.parametrize("inside", [".", "stacks"])
def test_an_empty_directory(tmp_path: Path, inside: str) -> None:
    (tmp_path / inside).mkdir(exist_ok=True)
    assert "has no stack in it" in refused(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ":1 PATH is not JSON"),
        ('{"resource": {', "is not JSON"),
        (GOOD + "}", "is not JSON"),
        ("\ufeff" + GOOD, "is not JSON: Unexpected UTF-8 BOM"),
        (GOOD.replace("true", "NaN"), "NaN, which is not JSON"),
        ("[]", "is not a JSON object"),
        (f"[{GOOD}]", "is not a JSON object"),
        ('"resource"', "is not a JSON object"),
        ("null", "is not a JSON object"),
        ("{}", "has no resource in it"),
        ('{"resource": {}}', "has no resource in it"),
        ('{"resource": {"aws_vpc": {}}}', "has no resource in it"),
        ('{"resource": []}', "has no resource in it"),
        ('{"resource": {"aws_vpc": {"vpc": "x"}}}', "resource.aws_vpc.vpc is not a block"),
        ('{"resource": {"aws_vpc": "x"}}', "resource.aws_vpc is not a block"),
        ('{"resource": "x"}', "resource is not a block"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{\n"resource": {}, "resource": {}}', ':1 PATH says "resource" twice in one object'),
        ('{"resource": {\n"aws_vpc": {"__startline__": 1}}}', ':2 PATH has the key "__startline__"'),
        (
            json.dumps(document(action={"aws_lambda_invoke": {"x": {}}})),
            '"action" is not known',
        ),
    ],
)
def test_a_file_that_is_not_a_stack(tmp_path: Path, text: str, reason: str) -> None:
    said = refused(write(tmp_path, text=text))
    assert reason.replace("PATH", str(tmp_path / "stacks/payments/cdk.tf.json")) in said


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32-be", "latin-1"])
def test_a_file_that_is_not_utf_8(tmp_path: Path, encoding: str) -> None:
    write(tmp_path)
    (tmp_path / "stacks/payments/cdk.tf.json").write_bytes(
        GOOD.replace("payments", "paiements é").encode(encoding)
    )
    assert "is not" in refused(tmp_path)


def test_a_broken_link(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "stacks/payments/more.tf.json").symlink_to(tmp_path / "absent")
    assert "more.tf.json can't be read: No such file" in refused(tmp_path)


def test_a_broken_stack_beside_a_good_one(tmp_path: Path) -> None:
    write(tmp_path, "broken", text="{")
    assert "stacks/broken/cdk.tf.json:1" in refused(write(tmp_path, "good"))


@pytest.mark.parametrize(
    "name",
    ["main.tf", "override.tf.json", "more_override.tf.json", "terraform.tfvars", "x.auto.tfvars.json"],
)
def test_what_terraform_reads_beside_the_stack(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    (tmp_path / "stacks/payments" / name).write_text("{}")
    assert f"stacks/payments/{name} is read by Terraform beside the JSON" in refused(tmp_path)


def test_a_stack_of_the_manifest_that_is_not_there(tmp_path: Path) -> None:
    listed = {"stacks": {"ledger": {"synthesizedStackPath": "stacks/ledger/cdk.tf.json"}}}
    write(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(listed))
    assert "stacks/ledger/cdk.tf.json is missing" in refused(tmp_path)


def test_a_manifest_that_is_none(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "manifest.json").write_text('{"stacks": []}')
    assert "manifest.json is no manifest of CDKTF" in refused(tmp_path)


def test_a_stack_whose_synthesis_was_interrupted(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "stacks/ledger").mkdir()
    assert "stacks/ledger has no synthesized JSON in it" in refused(tmp_path)


def test_a_resource_of_two_files(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "stacks/payments/more.tf.json").write_text(
        json.dumps({"resource": {"aws_kms_key": {"key": KEY}}})
    )
    assert "aws_kms_key.key is there twice" in refused(tmp_path)


@pytest.mark.parametrize("name", ["main.tofu", "main.tofu.json"])
def test_what_opentofu_reads_in_the_place_of_the_json(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / "stacks/payments" / name).write_text("{}")
    assert f"{name} is read by Terraform beside the JSON" in refused(tmp_path)


@pytest.mark.parametrize("folder", ["other", "stacks/other/deep", "."])
def test_code_where_no_json_is(tmp_path: Path, folder: str) -> None:
    (write(tmp_path) / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / folder / "main.tf").write_text("")
    assert "main.tf is read by Terraform beside the JSON" in refused(tmp_path)


def test_code_inside_a_stack_s_assets_is_none_of_its_configuration(tmp_path: Path) -> None:
    asset = write(tmp_path) / "stacks/payments/assets/module"
    asset.mkdir(parents=True)
    (asset / "main.tf").write_text("")
    assert scan(tmp_path).exit_code is ExitCode.PASSED


@pytest.mark.parametrize("path", ["../outside/cdk.tf.json", "stacks/payments/stack.json"])
def test_a_stack_of_the_manifest_that_is_not_scanned(tmp_path: Path, path: str) -> None:
    output = write(tmp_path / "cdktf.out")
    (output / path).parent.mkdir(exist_ok=True)
    (output / path).write_text(GOOD)
    stacks = {"payments": {"synthesizedStackPath": "stacks/payments/cdk.tf.json"}}
    stacks["other"] = {"synthesizedStackPath": path}
    (output / "manifest.json").write_text(json.dumps({"stacks": stacks}))
    assert f"{path} is not scanned, though" in refused(output)


def test_a_stack_with_the_name_of_terraforms_own_directory(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, name=".terraform", text="{")
    assert "stacks/.terraform/cdk.tf.json is not JSON" in refused(tmp_path)


def test_a_pipe_in_the_place_of_a_file(tmp_path: Path) -> None:
    """Reading it would never end."""
    os.mkfifo(write(tmp_path) / "stacks/payments/more.tf.json")
    assert "more.tf.json is not a file" in refused(tmp_path)
