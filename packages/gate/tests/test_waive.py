"""The helper with which constructs say their waivers, and the gate that reads them."""

import json
from pathlib import Path

import pytest
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.provider import AwsProvider

from modules.foundation.waivers import waive
from packages.gate.tests.builder import found, found_waived, scan

REASON = "written for a test"


@pytest.fixture
def stack(tmp_path: Path) -> TerraformStack:
    """A stack with a log group that is neither encrypted nor kept."""
    stack = TerraformStack(App(outdir=str(tmp_path)), "payments")
    AwsProvider(stack, "aws", region="us-east-1")
    CloudwatchLogGroup(stack, "group", retention_in_days=7)
    return stack


def group_of(stack: TerraformStack) -> CloudwatchLogGroup:
    """The log group of `stack`."""
    found_ = stack.node.find_child("group")
    assert isinstance(found_, CloudwatchLogGroup)
    return found_


def synthesized(stack: TerraformStack, directory: Path) -> Path:
    """Where `stack` is written."""
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    return directory


def test_waivers_accumulate_beside_cdktfs_metadata(stack: TerraformStack, tmp_path: Path) -> None:
    for check in ("CKV_AWS_158", "CKV_AWS_338"):
        waive(group_of(stack), check, reason=REASON, expires="2027-06-30")
    path = synthesized(stack, tmp_path) / "stacks/payments/cdk.tf.json"
    comment = json.loads(path.read_text())["resource"]["aws_cloudwatch_log_group"]["group"]["//"]
    assert comment["metadata"]["path"] == "payments/group"
    assert comment["checkov"]["skip"] == [
        {"id": check, "comment": REASON, "expires": "2027-06-30"} for check in ("CKV_AWS_158", "CKV_AWS_338")
    ]


def test_the_gate_reads_what_constructs_say(stack: TerraformStack, tmp_path: Path) -> None:
    waive(group_of(stack), "CKV_AWS_158", reason=REASON, expires="2027-06-30")
    waive(stack, "CKV2_BG_1", reason=REASON, expires="2027-06-30")
    report = scan(synthesized(stack, tmp_path))
    group = "aws_cloudwatch_log_group.group"
    assert found_waived(report) == {("CKV_AWS_158", group)}
    assert found(report) == {("CKV_AWS_338", group), ("BG_WAIVER_UNUSED", "payments")}
    assert report.errors == ()


@pytest.mark.parametrize(
    ("check", "reason", "expires"),
    [
        ("", REASON, "2027-06-30"),
        ("CKV_AWS_*", REASON, "2027-06-30"),
        ("CKV_AWS_158", "  ", "2027-06-30"),
        ("CKV_AWS_158", REASON, "30 June 2027"),
        ("CKV_AWS_158", REASON, "2027-06-31"),
    ],
)
def test_what_the_gate_would_refuse_is_refused(
    stack: TerraformStack, check: str, reason: str, expires: str
) -> None:
    with pytest.raises(ValueError, match=r"check_id|reason|expires"):
        waive(group_of(stack), check, reason=reason, expires=expires)
