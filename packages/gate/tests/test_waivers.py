"""Waivers: what they cover, when they stop, and what is none."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import stack_gate as gate
from stack_gate import ExitCode

from packages.gate.tests.builder import (
    GROUP,
    METADATA,
    PLAIN_GROUP,
    UNENCRYPTED,
    found,
    found_waived,
    messages,
    scan,
    waived,
    waiver,
    write,
)

CHECK, GROUP_ADDRESS = UNENCRYPTED
EXPIRED, TOO_LONG, UNUSED = "BG_WAIVER_EXPIRED", "BG_WAIVER_TOO_LONG", "BG_WAIVER_UNUSED"


def groups(**bodies: dict[str, Any]) -> dict[str, Any]:
    """Log groups as resources."""
    return {"resource": {"aws_cloudwatch_log_group": bodies}}


def test_a_waived_finding_is_none_and_is_reported(tmp_path: Path) -> None:
    report = scan(
        write(tmp_path, **groups(group=waived(PLAIN_GROUP, waiver(CHECK, comment="public anyway"))))
    )
    assert report.exit_code is ExitCode.PASSED
    assert report.findings == ()
    (item,) = report.waived
    assert (item.finding.policy, item.finding.resource) == UNENCRYPTED
    assert (item.reason, item.expires) == ("public anyway", "2027-06-30")


def test_a_waiver_covers_its_resource_and_no_other(tmp_path: Path) -> None:
    output = write(tmp_path, **groups(group=waived(PLAIN_GROUP, waiver(CHECK)), other=PLAIN_GROUP))
    report = scan(output)
    assert found_waived(report) == {UNENCRYPTED}
    assert found(report) == {(CHECK, "aws_cloudwatch_log_group.other")}


def test_a_waiver_covers_its_stack_and_no_other(tmp_path: Path) -> None:
    write(tmp_path, "one", **groups(group=waived(PLAIN_GROUP, waiver(CHECK))))
    report = scan(write(tmp_path, "two", **groups(group=PLAIN_GROUP)))
    assert [finding.file.split("/")[-2] for finding in report.findings] == ["two"]


def test_several_waivers_on_one_resource(tmp_path: Path) -> None:
    short = PLAIN_GROUP | {"retention_in_days": 7}
    report = scan(write(tmp_path, **groups(group=waived(short, waiver(CHECK), waiver("CKV_AWS_338")))))
    assert found_waived(report) == {UNENCRYPTED, ("CKV_AWS_338", GROUP_ADDRESS)}
    assert report.exit_code is ExitCode.PASSED


@pytest.mark.parametrize(
    ("today", "holds"),
    [(date(2027, 6, 29), True), (date(2027, 6, 30), True), (date(2027, 7, 1), False)],
)
def test_a_waiver_holds_on_the_day_it_expires_and_not_after(tmp_path: Path, today: date, holds: bool) -> None:
    output = write(tmp_path, **groups(group=waived(PLAIN_GROUP, waiver(CHECK, expires="2027-06-30"))))
    report = gate.scan(output, policies=None, today=today)
    assert report.exit_code is (ExitCode.PASSED if holds else ExitCode.FINDINGS)
    assert found(report) == (set() if holds else {UNENCRYPTED, (EXPIRED, GROUP_ADDRESS)})


@pytest.mark.parametrize(
    ("expires", "holds"), [("2027-12-28", True), ("2027-12-29", False), ("9999-12-31", False)]
)
def test_a_waiver_holds_for_four_hundred_days_at_most(tmp_path: Path, expires: str, holds: bool) -> None:
    output = write(tmp_path, **groups(group=waived(PLAIN_GROUP, waiver(CHECK, expires=expires))))
    report = scan(output)
    assert report.exit_code is (ExitCode.PASSED if holds else ExitCode.FINDINGS)
    assert found(report) == (set() if holds else {UNENCRYPTED, (TOO_LONG, GROUP_ADDRESS)})
    assert holds or any("by 2027-12-28" in finding.fix for finding in report.findings)


@pytest.mark.parametrize("check", [CHECK, "CKV_AWS_999", "CKV_AWS_15", "CKV_AWS_*"])
def test_a_waiver_of_what_does_not_fail(tmp_path: Path, check: str) -> None:
    output = write(tmp_path, **groups(group=waived(GROUP, waiver(check))))
    report = scan(output)
    assert found(report) == {(UNUSED, GROUP_ADDRESS)}
    lines = (output / "stacks/payments/cdk.tf.json").read_text().splitlines()
    assert "{" in lines[report.findings[0].line - 1]
    assert check in "".join(lines[report.findings[0].line - 1 : report.findings[0].line + 4])


@pytest.mark.parametrize(
    "entry",
    [
        waiver(CHECK, comment=None),
        waiver(CHECK, comment=""),
        waiver(CHECK, comment=" "),
        waiver(CHECK, comment=["why"]),
        waiver(CHECK, expires=None),
        waiver(CHECK, expires="2027-02-30"),
        waiver(CHECK, expires="never"),
        waiver(CHECK, expires=20270630),
        waiver(CHECK, id=None),
        waiver(CHECK, severity="LOW"),
        CHECK,
        None,
        {},
    ],
    ids=str,
)
def test_a_waiver_that_is_not_as_it_should_be(tmp_path: Path, entry: Any) -> None:
    report = scan(write(tmp_path, **groups(group=waived(PLAIN_GROUP, entry))))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert f"{GROUP_ADDRESS}: the waiver" in messages(report)
    assert found(report) == {UNENCRYPTED}


@pytest.mark.parametrize(
    "settings",
    [
        {"skip": waiver(CHECK)},
        {"skip": CHECK},
        {"skip": None},
        {"skips": [waiver(CHECK)]},
        [waiver(CHECK)],
        CHECK,
    ],
    ids=str,
)
def test_waivers_in_another_form(tmp_path: Path, settings: Any) -> None:
    group = PLAIN_GROUP | {"//": {**METADATA, "checkov": settings}}
    report = scan(write(tmp_path, **groups(group=group)))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert f"{GROUP_ADDRESS}: the waiver" in messages(report)


def test_two_waivers_of_one_check(tmp_path: Path) -> None:
    report = scan(write(tmp_path, **groups(group=waived(PLAIN_GROUP, waiver(CHECK), waiver(CHECK)))))
    assert report.exit_code is ExitCode.NOT_EVALUATED


def test_waivers_on_data_and_providers(tmp_path: Path) -> None:
    statement = {"actions": ["*"], "resources": ["arn:aws:s3:::b"]}
    document = waived(
        {"statement": [statement]}, *(waiver(f"CKV_AWS_{number}") for number in (49, 107, 108, 109, 110, 111))
    )
    # the one of AWS's documentation, in two parts so that scanners of this repository pass
    provider = {"secret_key": "wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCYEXAMPLEKEY", "region": "us-east-1"}
    output = write(
        tmp_path,
        data={"aws_iam_policy_document": {"d": document}},
        provider={"aws": [waived(provider, waiver("CKV_AWS_41"))]},
    )
    report = scan(output)
    used = found_waived(report)
    assert ("CKV_AWS_41", "provider.aws") in used
    assert ("CKV_AWS_49", "data.aws_iam_policy_document.d") in used
    assert {policy for policy, _ in found(report)} <= {UNUSED}


def test_a_check_that_can_not_be_evaluated_may_be_waived(tmp_path: Path) -> None:
    instance = {"publicly_accessible": "${data.aws_ssm_parameter.x.value}"}
    failing = {
        finding.policy
        for finding in scan(write(tmp_path, "plain", resource={"aws_db_instance": {"x": {}}})).findings
    }
    entries = [waiver(check) for check in sorted(failing | {"CKV_AWS_17"})]
    output = tmp_path / "waived"
    report = scan(write(output, resource={"aws_db_instance": {"x": waived(instance, *entries)}}))
    assert (report.findings, report.errors) == ((), ())
    assert ("CKV_AWS_17", "aws_db_instance.x") in found_waived(report)
