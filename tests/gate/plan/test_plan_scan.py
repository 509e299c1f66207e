"""`bluegreen scan --plan`: the same policies, with what only a plan knows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
import stack_gate as gate
from stack_gate import ExitCode, Report
from stack_gate.plan import scan_plan
from typer.testing import CliRunner

from bluegreen.cli.app import app
from packages.gate.tests.builder import found, found_waived, messages
from tests.gate.plan.conftest import Planned, plan_in
from tests.gate.plan.plans import TODAY, Document, Edit

pytestmark = pytest.mark.xdist_group("plan")

UNENCRYPTED = "CKV_AWS_158"  # a log group without a key of one's own


def scan(path: Path, stack: Path | None = None, policies: Path | None = None) -> Report:
    return scan_plan(path, stack=stack, policies=policies, today=TODAY)


@pytest.mark.parametrize("stage", ["create", "after"])
def test_a_plan_is_judged_as_its_stack_is(planned: Planned, tmp_path: Path, stage: str) -> None:
    """Before the first apply, with identifiers unknown, and after it, with all of them known."""
    of_json = gate.scan(planned.stack, policies=None, today=TODAY)
    of_plan = scan(Edit(getattr(planned, stage)).write(tmp_path), planned.stack)
    assert (messages(of_plan), of_plan.exit_code) == ("", ExitCode.PASSED)
    assert found_waived(of_plan) == found_waived(of_json)
    assert (of_plan.passed, of_plan.not_applicable) == (of_json.passed, of_json.not_applicable)
    assert of_plan.stacks == of_json.stacks


def test_without_the_stack_there_are_no_waivers(planned: Planned, tmp_path: Path) -> None:
    report = scan(Edit(planned.create).write(tmp_path))
    expected = found_waived(scan(Edit(planned.create).write(tmp_path), planned.stack))
    assert (found(report), found_waived(report)) == (expected, set())


def test_a_stack_beside_the_plan_is_found(planned: Planned, tmp_path: Path) -> None:
    (tmp_path / "cdk.tf.json").write_text((planned.stack / "cdk.tf.json").read_text())
    assert scan(Edit(planned.create).write(tmp_path)).exit_code is ExitCode.PASSED


def test_a_defect_is_found_where_it_was_synthesized(planned: Planned, tmp_path: Path) -> None:
    edit = Edit(planned.create)
    address = edit.named("aws_cloudwatch_log_group", "flow-logs")
    for block in edit.document["configuration"]["root_module"]["resources"]:
        if block["address"] == address:
            del block["expressions"]["kms_key_id"]
    report = scan(edit.write(tmp_path), planned.stack)
    assert (UNENCRYPTED, address) in found(report)
    (finding,) = (item for item in report.findings if item.policy == UNENCRYPTED)
    assert Path(finding.file).name == "cdk.tf.json"
    line = Path(finding.file).read_text().splitlines()[finding.line - 1]
    assert address.partition(".")[2] in line


@pytest.mark.parametrize(
    ("expires", "policy"), [("2026-11-22", "BG_WAIVER_EXPIRED"), ("2029-11-22", "BG_WAIVER_TOO_LONG")]
)
def test_a_waiver_that_does_not_hold_is_a_finding(
    planned: Planned, tmp_path: Path, expires: str, policy: str
) -> None:
    document = json.loads((planned.stack / "cdk.tf.json").read_text())
    (bucket,) = document["resource"]["aws_s3_bucket"].values()
    bucket["//"]["checkov"]["skip"][0]["expires"] = expires
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
    report = scan(Edit(planned.create).write(tmp_path))
    assert {finding.policy for finding in report.findings} == {policy, "CKV_AWS_145"}


def test_whether_a_waiver_is_needed_is_for_the_scan_of_the_json(planned: Planned, tmp_path: Path) -> None:
    document = json.loads((planned.stack / "cdk.tf.json").read_text())
    (bucket,) = document["resource"]["aws_s3_bucket"].values()
    skip = bucket["//"]["checkov"]["skip"]
    skip += [skip[0] | {"id": "CKV_AWS_21"}, skip[0] | {"id": "CKV_AWS_19", "expires": "2026-11-22"}]
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
    report = scan(Edit(planned.create).write(tmp_path))
    assert {(item.policy, "CKV_AWS_19" in item.message) for item in report.findings} == {
        ("BG_WAIVER_EXPIRED", True)
    }


def test_a_plan_of_another_synthesis(planned: Planned, tmp_path: Path) -> None:
    document = json.loads((planned.stack / "cdk.tf.json").read_text())
    del document["resource"]["aws_sns_topic"]
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document))
    report = scan(Edit(planned.create).write(tmp_path))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "not a plan of the stack beside it: only one of them has aws_sns_topic." in messages(report)


@pytest.mark.parametrize("stack", [None, "{"], ids=["missing", "unparsable"])
def test_a_stack_that_can_not_be_read(planned: Planned, tmp_path: Path, stack: str | None) -> None:
    directory = tmp_path / "stack"
    directory.mkdir()
    if stack is not None:
        (directory / "cdk.tf.json").write_text(stack)
    report = scan(Edit(planned.create).write(tmp_path), directory)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "can't be compared with its stack" in messages(report)


def emptied(document: Document) -> None:
    document["resource_changes"] = []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (emptied, "has no resource in it"),
        (lambda document: document.update(errored=True), "a planning that failed"),
        (lambda document: document.update(format_version="0.2"), "format version '0.2'"),
        (lambda document: document.pop("configuration"), "no configuration"),
        (lambda document: document.pop("planned_values"), "can't be evaluated: KeyError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_can_not_be_evaluated(
    planned: Planned, tmp_path: Path, change: Callable[[Document], Any], why: str
) -> None:
    edit = Edit(planned.create)
    change(edit.document)
    report = scan(edit.write(tmp_path), planned.stack)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert why in messages(report)


RAISES = """
from checkov.common.models.enums import CheckCategories
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

class Raises(BaseResourceCheck):
    def __init__(self):
        super().__init__("Raises", "CKV_BG_1", [CheckCategories.LOGGING], ["aws_vpc"])

    def scan_resource_conf(self, conf):
        raise ValueError("a defect")

check = Raises()
"""


def test_a_check_that_raises(planned: Planned, tmp_path: Path) -> None:
    package = tmp_path / "checks_of_a_test"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "raises.py").write_text(RAISES)
    report = scan(Edit(planned.create).write(tmp_path), planned.stack, package)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "the check raises ValueError: a defect" in messages(report)


def test_the_command(planned: Planned, tmp_path: Path) -> None:
    plan = str(Edit(planned.create).write(tmp_path))
    result = CliRunner().invoke(app, ["scan", "--plan", plan, "--stack", str(planned.stack)])
    assert (result.exit_code, "PASSED" in result.stdout) == (0, True)
    alone = CliRunner().invoke(app, ["scan", "--stack", str(planned.stack)])
    assert (alone.exit_code, "--stack goes with --plan only" in alone.stderr) == (2, True)


HCL = """
variable "keys" { default = { good = true, bad = false } }
variable "later" { default = 30 }
provider "aws" { region = "us-east-1" }
locals { ports = [22, 443] }

resource "aws_kms_key" "key" { enable_key_rotation = var.keys["good"] }

resource "aws_cloudwatch_log_group" "each" {
  for_each          = var.keys
  name              = each.key
  retention_in_days = 365
  kms_key_id        = each.value ? aws_kms_key.key.arn : null
}

resource "aws_cloudwatch_log_group" "counted" {
  count             = 2
  name              = "counted-${count.index}"
  retention_in_days = count.index == 0 ? 365 : var.later
  kms_key_id        = aws_kms_key.key.arn
}

resource "aws_security_group" "open" {
  description = "open"
  dynamic "ingress" {
    for_each = local.ports
    content {
      description = "a port"
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}

module "logs" {
  source = "./logs"
  days   = 7
  key    = aws_kms_key.key.arn
}
"""
MODULE = """
variable "days" {}
variable "key" {}
resource "aws_cloudwatch_log_group" "inner" {
  name              = "inner"
  retention_in_days = var.days
  kms_key_id        = var.key
}
"""


@pytest.fixture(scope="session")
def hcl(tmp_path_factory: pytest.TempPathFactory, aws: embedded_aws.LocalAws) -> Document:
    """A plan of HCL with everything in it that JSON alone does not tell."""
    directory = tmp_path_factory.mktemp("hcl") / "stack"
    (directory / "logs").mkdir(parents=True)
    (directory / "main.tf").write_text(HCL)
    (directory / "logs" / "main.tf").write_text(MODULE)
    settings = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}}
    (directory / "versions.tf.json").write_text(json.dumps({"terraform": settings}))
    return plan_in(directory, aws)


def test_loops_modules_variables_and_conditions_are_resolved(hcl: Document, tmp_path: Path) -> None:
    report = scan(Edit(hcl).write(tmp_path))
    interesting = ("CKV_AWS_158", "CKV_AWS_338", "CKV_AWS_24", "CKV_AWS_7")
    assert {item for item in found(report) if item[0] in interesting} == {
        ("CKV_AWS_158", 'aws_cloudwatch_log_group.each["bad"]'),
        ("CKV_AWS_338", "aws_cloudwatch_log_group.counted[1]"),
        ("CKV_AWS_338", "module.logs.aws_cloudwatch_log_group.inner"),
        ("CKV_AWS_24", "aws_security_group.open"),
    }
    assert messages(report) == ""
