"""A profile asks a part of a pack; the report says which."""

import io
import json
from pathlib import Path

import pytest
import stack_gate as gate
from stack_gate import ExitCode, Report
from stack_gate.render import FORMATS

from bluegreen.pack import PACK
from packages.gate.tests.builder import KEY, PLAIN_GROUP, TODAY, policy, waived, waiver, write

pytestmark = pytest.mark.integration  # no process, but scans of whole stacks


def general(output: Path) -> Report:
    return gate.scan(output, policies=PACK, today=TODAY, profile="general")


def of_the_pack(report: Report) -> set[tuple[str, str]]:
    return {(f.policy, f.resource) for f in report.findings if "_BG_" in f.policy}


def test_general_finds_what_is_open_and_nothing_that_is_absent(tmp_path: Path) -> None:
    """A queue for everybody, in a stack without any of the platform's topology."""
    everybody = policy({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"})
    queue = {"aws_sqs_queue": {"q": {"policy": everybody}}}
    output = write(tmp_path, resource=queue)
    everything = of_the_pack(gate.scan(output, policies=PACK, today=TODAY))
    found = of_the_pack(general(output))
    assert ("CKV_BG_245", "aws_sqs_queue.q") in found
    assert found < everything
    absent = {policy for policy, resource in found if resource == "payments"}
    assert absent <= {"CKV2_BG_270", "CKV2_BG_271"}, "the account and the state are of any stack"
    assert len({policy for policy, resource in everything if resource == "payments"}) > 10


def test_types_that_no_policy_knows_are_one_result(tmp_path: Path) -> None:
    disks = {"aws_lightsail_disk": {"a": {"size_in_gb": 8}, "b": {"size_in_gb": 8}}}
    output = write(tmp_path, resource=disks)
    separate = [e for e in gate.scan(output, policies=PACK, today=TODAY).errors if e.policy == "CKV2_BG_260"]
    (listed,) = [error for error in general(output).errors if error.policy == "CKV2_BG_260"]
    assert len(separate) == 2
    assert "aws_lightsail_disk.a, aws_lightsail_disk.b" in listed.message
    assert general(output).exit_code is ExitCode.NOT_EVALUATED


def test_every_format_names_the_profile() -> None:
    report = Report(profile="general")
    written = {}
    for name, write_report in FORMATS.items():
        out = io.StringIO()
        write_report(report, out)
        written[name] = out.getvalue()
    assert "profile: general" in written["text"]
    assert json.loads(written["json"])["profile"] == "general"
    assert json.loads(written["sarif"])["runs"][0]["properties"] == {"profile": "general"}
    assert '<testsuite name="bluegreen scan, profile: general"' in written["junit"]


def test_a_profile_that_no_policy_is_in(tmp_path: Path) -> None:
    """It would ask nothing, and pass."""
    report = gate.scan(write(tmp_path), policies=PACK, today=TODAY, profile="genral")
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert any("in the profile genral" in error.message for error in report.errors)
    assert any("all, general" in error.fix for error in report.errors)


def test_a_waiver_of_a_policy_that_is_not_asked_is_none_of_its_business(tmp_path: Path) -> None:
    """It waives something in a scan of all policies."""
    key = waived(KEY, waiver("CKV2_BG_414"), waiver("CKV_BG_2"))
    report = general(write(tmp_path, resource={"aws_kms_key": {"key": key}}))
    unused = {found.message.split()[0] for found in report.findings if found.policy == "BG_WAIVER_UNUSED"}
    assert unused == {"CKV_BG_2"}


REPLACING = """
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class Groups(BaseResourceCheck):
    replaces = {"CKV_AWS_158": "of no matter here"}
    profiles = ("some",)

    def __init__(self):
        super().__init__("Groups", "CKV_BG_1", [CheckCategories.LOGGING], ["aws_cloudwatch_log_group"])

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED


class Keys(Groups):
    replaces = {}
    profiles = ("other",)

    def __init__(self):
        BaseResourceCheck.__init__(self, "Keys", "CKV_BG_2", [CheckCategories.LOGGING], ["aws_kms_key"])


checks = Groups(), Keys()
"""


@pytest.mark.parametrize(("profile", "replaced"), [("all", True), ("some", True), ("other", False)])
def test_a_policy_replaces_a_check_of_checkov_where_it_is_asked(
    profile: str, replaced: bool, tmp_path: Path
) -> None:
    directory = tmp_path / "pack"
    directory.mkdir()
    (directory / "__init__.py").touch()
    (directory / "groups.py").write_text(REPLACING)
    output = write(tmp_path / "out", resource={"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}})
    report = gate.scan(output, policies=directory, today=TODAY, profile=profile)
    assert ("CKV_AWS_158" not in {finding.policy for finding in report.findings}) is replaced
