"""Systems in several stacks: references across them are resolved, and an absence is judged once."""

from pathlib import Path
from typing import Any

import pytest
import stack_gate as gate
from stack_gate import ExitCode, Report

from packages.gate.tests.builder import GROUP, KEY, TODAY, UNENCRYPTED, scan, waived, waiver, write

# Policies in two rooms: each stack, or platform, has to have a topic; a group's key has to be in the stack.
TOPIC = """
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck


class HasTopic(BaseGraphCheck):
    severity = "HIGH"

    def __init__(self):
        super().__init__()
        self.id, self.name = "CKV2_BG_1", "There is a topic"
        get_graph_checks_registry("terraform").checks.append(self)

    def run(self, graph):
        found = graph.attrs.resources("aws_sns_topic")
        return ([{}] if found else []), ([] if found else [{}]), []


check = HasTopic()
"""
LINKED = """
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class KeyIsHere(BaseResourceCheck):
    def __init__(self):
        types = ["aws_cloudwatch_log_group"]
        super().__init__("Key is here", "CKV_BG_2", [CheckCategories.ENCRYPTION], types)

    def scan_resource_conf(self, conf):
        stack = self.graph.attrs
        group = stack.at(conf["__address__"])
        self.details = [f"{group.address} has {group.get('kms_key_id')}"]
        return CheckResult.PASSED if group.refers("kms_key_id", "aws_kms_key") else CheckResult.FAILED


check = KeyIsHere()
"""
TOPIC_BODY = {"kms_master_key_id": "${aws_kms_key.key.arn}"}


def states(backend: str = "local", **config: Any) -> dict[str, Any]:
    return {"terraform_remote_state": {"base": {"backend": backend, "config": config}}}


def backend(kind: str = "local", **config: Any) -> dict[str, Any]:
    return {"backend": {kind: config}, "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}}


READ = "${data.terraform_remote_state.base.outputs.key_arn}"


def base(output: Path, /, name: str = "base", **blocks: Any) -> Path:
    """The stack with the key."""
    blocks = {
        "output": {"key_arn": {"value": "${aws_kms_key.shared.arn}"}},
        "terraform": backend(path=f"../{name}.tfstate"),
    } | blocks
    resource = {"aws_kms_key": {"shared": KEY}, **blocks.pop("resource", {})}
    return write(output, name, resource=resource, **blocks)


def user(output: Path, /, name: str = "user", key: str = READ, **blocks: Any) -> Path:
    """The stack with a log group that uses it."""
    blocks = {
        "data": states(path="../base.tfstate"),
        "terraform": backend(path=f"../{name}.tfstate"),
    } | blocks
    resource = {
        "aws_cloudwatch_log_group": {"group": GROUP | {"kms_key_id": key}},
        **blocks.pop("resource", {}),
    }
    return write(output, name, resource=resource, **blocks)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack of two rooms."""
    for room, text in (("alarms", TOPIC), ("data", LINKED)):
        folder = tmp_path / "pack" / room
        folder.mkdir(parents=True)
        for package in (folder, folder.parent):
            (package / "__init__.py").touch()
        (folder / f"{room}_policy.py").write_text(text)
    return tmp_path / "pack"


def found(report: Report) -> list[tuple[str, str]]:
    return [(finding.policy, finding.resource) for finding in report.findings]


def test_a_reference_across_stacks_is_resolved_and_an_absence_judged_once(tmp_path: Path, pack: Path) -> None:
    output = user(base(tmp_path / "out"))
    report = scan(output, pack)
    assert (found(report), report.errors) == ([("CKV2_BG_1", "user")], ())
    assert report.stacks == ("user", "base")


def test_a_state_that_is_not_scanned_is_no_answer(tmp_path: Path, pack: Path) -> None:
    output = user(base(tmp_path / "out"), data=states(path="../elsewhere.tfstate"))
    report = scan(output, pack)
    assert ("CKV_BG_2", "aws_cloudwatch_log_group.group") in found(report)


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        (backend("s3", bucket="states", key="base"), states("s3", bucket="states", key="base", region="x")),
        (backend("local", path="base.tfstate"), states(path="../base/base.tfstate")),
        ({}, states(path="../base/terraform.tfstate")),
    ],
    ids=["s3", "local", "default"],
)
def test_the_state_is_found_by_its_place(
    tmp_path: Path, pack: Path, kept: dict[str, Any], read: dict[str, Any]
) -> None:
    output = user(base(tmp_path / "out", terraform=kept), data=read)
    assert found(scan(output, pack)) == [("CKV2_BG_1", "user")]


@pytest.mark.parametrize(
    "read",
    [
        states("s3", bucket="states", key="other"),
        states("http", address="https://states.example.net"),
        {"terraform_remote_state": {"base": states(path="../base.tfstate")["terraform_remote_state"]["base"]
                                    | {"workspace": "other"}}},
    ],
    ids=["key", "backend", "workspace"],
)  # fmt: skip
def test_another_place_is_another_state(tmp_path: Path, pack: Path, read: dict[str, Any]) -> None:
    output = user(base(tmp_path / "out"), data=read)
    assert ("CKV_BG_2", "aws_cloudwatch_log_group.group") in found(scan(output, pack))


@pytest.mark.parametrize("form", ['["key_arn"]', ".key_arn"])
def test_outputs_are_read_in_either_form_and_through_locals(tmp_path: Path, pack: Path, form: str) -> None:
    value = f"${{data.terraform_remote_state.base.outputs{form}}}"
    output = user(base(tmp_path / "out"), key="${local.key}", locals={"key": value})
    assert found(scan(output, pack)) == [("CKV2_BG_1", "user")]


def test_an_output_that_is_not_there_is_a_problem(tmp_path: Path, pack: Path) -> None:
    output = user(base(tmp_path / "out", output={}))
    report = scan(output, pack)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "base has no output key_arn" in report.errors[0].message


def test_two_stacks_with_one_state_are_a_problem(tmp_path: Path, pack: Path) -> None:
    output = user(base(base(tmp_path / "out"), "twin", terraform=backend(path="../base.tfstate")))
    report = scan(output, pack)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert any("keeps its state where" in problem.message for problem in report.errors)


def test_a_circle_of_stacks_is_one_platform(tmp_path: Path, pack: Path) -> None:
    """Terraform could not apply it at once; the scan ends all the same."""
    back = {"terraform_remote_state": {"user": {"backend": "local", "config": {"path": "../user.tfstate"}}}}
    more = {"key_arn": {"value": "${aws_kms_key.shared.arn}"},
            "again": {"value": "${data.terraform_remote_state.user.outputs.mine}"}}  # fmt: skip
    output = user(base(tmp_path / "out", data=back, output=more), output={"mine": {"value": READ}})
    assert found(scan(output, pack)) == [("CKV2_BG_1", "base")]


# Names


def test_what_two_stacks_call_alike_stays_apart(tmp_path: Path, pack: Path) -> None:
    """Both have `aws_cloudwatch_log_group.group`: one with a key, and one with a key that is none of ours."""
    plain = {"aws_cloudwatch_log_group": {"group": GROUP | {"kms_key_id": "alias/theirs"}}}
    output = user(base(tmp_path / "out", resource=plain))
    report = scan(output, pack)
    place = [(f.policy, f.resource, Path(f.file).parent.name) for f in report.findings]
    assert place == [("CKV2_BG_1", "user", "user"), ("CKV_BG_2", "aws_cloudwatch_log_group.group", "base")]
    assert all("group-base" not in finding.message for finding in report.findings)


def test_locals_and_variables_are_those_of_their_stack(tmp_path: Path, pack: Path) -> None:
    mine = {"aws_cloudwatch_log_group": {"other": GROUP | {"kms_key_id": "${local.key}"}}}
    output = base(
        tmp_path / "out", resource=mine, locals={"key": "${var.key}"}, variable={"key": {"default": "none"}}
    )
    user(output, key="${local.key}", locals={"key": READ}, variable={"key": {"default": READ[2:-1]}})
    assert found(scan(output, pack)) == [
        ("CKV2_BG_1", "user"),
        ("CKV_BG_2", "aws_cloudwatch_log_group.other"),
    ]


def test_a_provider_that_differs_is_that_of_its_stack(tmp_path: Path, pack: Path) -> None:
    output = user(base(tmp_path / "out", provider={"aws": [{"region": "eu-central-1"}]}))
    report = scan(output, pack)
    assert (found(report), report.errors) == ([("CKV2_BG_1", "user")], ())


def test_a_waiver_holds_on_the_resource_of_its_stack(tmp_path: Path, pack: Path) -> None:
    bad = GROUP | {"kms_key_id": "alias/theirs"}
    output = base(
        tmp_path / "out", resource={"aws_cloudwatch_log_group": {"group": waived(bad, waiver("CKV_BG_2"))}}
    )
    report = scan(user(output), pack)
    assert found(report) == [("CKV2_BG_1", "user")]
    assert [(w.finding.policy, w.finding.resource) for w in report.waived] == [
        ("CKV_BG_2", "aws_cloudwatch_log_group.group")
    ]


# The file


def platform(directory: Path, text: str) -> Path:
    path = directory / "platform.toml"
    path.write_text(text)
    return path


def test_the_file_says_which_stacks_are_one_and_where_an_absence_is(tmp_path: Path, pack: Path) -> None:
    output = write(base(tmp_path / "out"), "alone")
    assert found(scan(output, pack)) == [("CKV2_BG_1", "alone"), ("CKV2_BG_1", "base")]
    platform(output, '[payments]\nalone = []\nbase = ["alarms"]\n')
    report = scan(output, pack)
    assert found(report) == [("CKV2_BG_1", "base")]
    assert [Path(finding.file).parent.name for finding in report.findings] == ["base"]


def test_what_one_stack_has_the_others_have(tmp_path: Path, pack: Path) -> None:
    topic = {"aws_sns_topic": {"topic": TOPIC_BODY}}
    output = write(base(tmp_path / "out"), "alone", resource=topic)
    assert found(scan(output, pack)) == [("CKV2_BG_1", "base")]
    platform(output, '[payments]\nbase = ["alarms"]\nalone = ["data"]\n')
    assert found(scan(output, pack)) == []


def test_the_file_may_lie_elsewhere(tmp_path: Path, pack: Path) -> None:
    output = write(base(tmp_path / "out"), "alone")
    path = platform(tmp_path, "[payments]\nbase = []\nalone = []\n")
    report = gate.scan(output, policies=pack, today=TODAY, platform=path)
    assert found(report) == [("CKV2_BG_1", "base")]


def test_a_stack_of_two_platforms_is_reported_once(tmp_path: Path, pack: Path) -> None:
    bad = GROUP | {"kms_key_id": "alias/theirs"}
    plain = waived(GROUP | {"kms_key_id": "alias/x"}, waiver("CKV_BG_2"))
    groups = {"aws_cloudwatch_log_group": {"bad": bad, "plain": plain}}
    output = user(user(base(tmp_path / "out", resource=groups), "one"), "two")
    report = scan(output, pack)
    assert found(report) == [
        ("CKV2_BG_1", "one"),
        ("CKV2_BG_1", "two"),
        ("CKV_BG_2", "aws_cloudwatch_log_group.bad"),
    ]
    assert len(report.waived) == 1
    assert report.stacks == ("one", "base", "two")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[payments", "is no TOML"),
        ("", "names no platform"),
        ("payments = 1", "has payments, which is no table of stacks"),
        ("[payments]\n", "has payments, which is no table of stacks"),
        ("[payments]\nelsewhere = []", "has payments.elsewhere, and no stack of that name is scanned"),
        ('[payments]\nbase = "data"', "has payments.base, which is no list of rooms"),
        ('[payments]\nbase = ["datas"]', "has the room datas in payments.base, which the pack does not have"),
        (
            '[payments]\nbase = ["data"]\nalone = ["data"]',
            "has the room data in payments.alone and in payments.base",
        ),
    ],
)
def test_a_file_that_is_wrong_is_said_to_be(tmp_path: Path, pack: Path, text: str, said: str) -> None:
    output = write(base(tmp_path / "out"), "alone")
    path = platform(output, text)
    report = scan(output, pack)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    (problem,) = (error for error in report.errors if error.file == path.as_posix())
    assert said in problem.message
    assert problem.fix


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path, pack: Path) -> None:
    output = base(tmp_path / "out")
    report = gate.scan(output, policies=pack, today=TODAY, platform=tmp_path / "none.toml")
    assert "can't be read" in report.errors[0].message


def test_checkov_connects_blocks_of_a_platform(tmp_path: Path) -> None:
    """CKV_AWS_158 asks for a key; CKV2_AWS_5 for a group that something has."""
    group = {"aws_security_group": {"open": {"description": "x", "vpc_id": "vpc-1"}}}
    names = {"group": {"value": "${aws_security_group.open.id}"}}
    output = base(tmp_path / "out", resource=group, output=names)
    groups = [READ.replace("key_arn", "group")]
    interface = {"aws_network_interface": {"x": {"subnet_id": "s", "security_groups": groups}}}
    assert ("CKV2_AWS_5", "aws_security_group.open") in found(scan(output))
    user(output, key="alias/x", resource=interface)
    report = scan(output)
    assert ("CKV2_AWS_5", "aws_security_group.open") not in found(report)
    assert UNENCRYPTED not in found(report)
