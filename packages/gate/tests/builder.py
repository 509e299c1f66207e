"""Small CDKTF output, written by hand, and scans of it."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import stack_gate as gate
from stack_gate import Report

TODAY = date(2026, 11, 23)
METADATA = {"metadata": {"path": "payments/resource", "uniqueId": "resource"}}


def policy(*statements: dict[str, Any]) -> str:
    """A policy document as CDKTF writes it: one string."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**parts: Any) -> dict[str, Any]:
    """A statement of a policy document."""
    return {"Effect": "Allow", "Resource": "*"} | parts


def waiver(check: str, **changes: Any) -> dict[str, Any]:
    """A waiver that holds today, but for the changes; None takes a key out."""
    entry = {"id": check, "comment": "written for a test", "expires": "2027-06-30"} | changes
    return {key: value for key, value in entry.items() if value is not None}


def waived(body: dict[str, Any], *waivers: dict[str, Any]) -> dict[str, Any]:
    """The resource with waivers beside CDKTF's own metadata."""
    return body | {"//": {**METADATA, "checkov": {"skip": list(waivers)}}}


# No built-in check fails on it.
KEY = {
    "//": METADATA,
    "enable_key_rotation": True,
    "policy": policy(allow(Principal={"AWS": "arn:aws:iam::123456789012:root"}, Action="kms:*")),
}
GROUP = {"//": METADATA, "retention_in_days": 365, "kms_key_id": "${aws_kms_key.key.arn}"}
# Exactly one built-in check does: CKV_AWS_158.
PLAIN_GROUP = {"//": METADATA, "retention_in_days": 365}
# A pack of one policy, which speaks of secrets only.
SMALL_PACK = """
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class Named(BaseResourceCheck):
    def __init__(self):
        super().__init__("Named", "CKV_BG_1", [CheckCategories.SECRETS], ["aws_secretsmanager_secret"])

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if "name" in conf else CheckResult.FAILED


check = Named()
"""
UNENCRYPTED = ("CKV_AWS_158", "aws_cloudwatch_log_group.group")


def document(**blocks: Any) -> dict[str, Any]:
    """A synthesized stack: a good key, the blocks given, and what CDKTF always writes."""
    resources = {"aws_kms_key": {"key": KEY}, **blocks.pop("resource", {})}
    return {
        "//": {"metadata": {"backend": "local", "stackName": "payments", "version": "0.21.0"}, "outputs": {}},
        "provider": {"aws": [{"region": "us-east-1"}]},
        "resource": resources,
        "terraform": {
            "backend": {"local": {"path": "terraform.tfstate"}},
            "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
        },
        **blocks,
    }


def write(output: Path, /, name: str = "payments", text: str | None = None, **blocks: Any) -> Path:
    """Writes one stack into `output`, and returns `output`."""
    path = output / "stacks" / name / "cdk.tf.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(**blocks), indent=2) if text is None else text)
    return output


def scan(output: Path, policies: Path | None = None) -> Report:
    """The scan as the command runs it, on a fixed day."""
    return gate.scan(output, policies=policies, today=TODAY)


def found(report: Report) -> set[tuple[str, str]]:
    """(policy, resource) of the findings."""
    return {(finding.policy, finding.resource) for finding in report.findings}


def found_waived(report: Report) -> set[tuple[str, str]]:
    """(policy, resource) of what is waived."""
    return {(item.finding.policy, item.finding.resource) for item in report.waived}


def messages(report: Report) -> str:
    """What the errors say, all of it."""
    return "\n".join(f"{problem.file}:{problem.line} {problem.message}" for problem in report.errors)
