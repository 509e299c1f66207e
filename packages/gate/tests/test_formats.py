"""The reports, whole."""

import io
import json
from typing import Any
from xml.etree import ElementTree

import pytest
from stack_gate import Finding, Problem, Report, Severity, Waived
from stack_gate.render import FORMATS

OPEN = Finding(
    policy="CKV_AWS_24",
    requirement="R14",
    severity=Severity.CRITICAL,
    resource="aws_security_group.db[0]",
    file="cdktf.out/stacks/a b/cdk.tf.json",
    line=12,
    message="open <to> [red]the world[/red]",
    fix="close it",
    guideline="https://example.com/24",
)
TAG = Finding("CKV_BG_9", None, Severity.LOW, "payments", "/stacks/cdk.tf.json", 1, "no tag\x00", "tag it")
KEPT = Finding("CKV_AWS_145", None, Severity.HIGH, "aws_s3_bucket.logs", "f.json", 7, "no CMK", "use it")
BROKEN = Problem("f.json is not JSON", "synthesize again", "f.json", 3)
UNKNOWN = Problem(
    "CKV_AWS_9 on aws_x.y: not evaluated: why", "literally", "f.json", 4, "CKV_AWS_9", "aws_x.y"
)
REPORT = Report(
    findings=(OPEN, TAG),
    waived=(Waived(KEPT, "ELB can't", "2027-06-30"),),
    errors=(BROKEN, UNKNOWN),
    passed=40,
    not_applicable=3,
    stacks=("payments",),
    policies=1145,
)
CLEAN = Report(passed=40, stacks=("payments",), policies=1145)


def rendered(name: str, report: Report) -> str:
    """The report as written to a file."""
    out = io.StringIO()
    FORMATS[name](report, out)
    return out.getvalue()


def test_text() -> None:
    assert rendered("text", REPORT) == (
        """\
CRITICAL (1)
  aws_security_group.db[0]
    CKV_AWS_24 (R14) open <to> [red]the world[/red]
    fix: close it
    more: https://example.com/24
    cdktf.out/stacks/a b/cdk.tf.json:12

LOW (1)
  payments
    CKV_BG_9 no tag\\x00
    fix: tag it
    /stacks/cdk.tf.json:1

WAIVED (1)
  aws_s3_bucket.logs
    CKV_AWS_145 no CMK
    until 2027-06-30: ELB can't
    f.json:7

NOT EVALUATED (2)
  f.json is not JSON
    fix: synthesize again
    f.json:3
  CKV_AWS_9 on aws_x.y: not evaluated: why
    fix: literally
    f.json:4

NOT EVALUATED: this scan says nothing about what it did not see
profile: all; stacks: 1, policies: 1145; verdicts: 40 passed, 3 not applicable, 2 findings, 1 waived, 2 errors
"""
    )


def test_text_of_a_clean_report() -> None:
    assert rendered("text", CLEAN) == (
        "PASSED\n"
        "profile: all; stacks: 1, policies: 1145; "
        "verdicts: 40 passed, 0 not applicable, 0 findings, 0 waived, 0 errors\n"
    )


def test_json() -> None:
    common = {"requirement": None, "guideline": None}
    assert json.loads(rendered("json", REPORT)) == {
        "exit_code": 2,
        "stacks": ["payments"],
        "policies": 1145, "profile": "all",
        "passed": 40,
        "not_applicable": 3,
        "findings": [
            {
                "policy": "CKV_AWS_24", "requirement": "R14", "severity": "CRITICAL",
                "resource": "aws_security_group.db[0]",
                "file": "cdktf.out/stacks/a b/cdk.tf.json", "line": 12,
                "message": "open <to> [red]the world[/red]",
                "fix": "close it",
                "guideline": "https://example.com/24",
            },
            common | {
                "policy": "CKV_BG_9", "severity": "LOW", "resource": "payments",
                "file": "/stacks/cdk.tf.json", "line": 1, "message": "no tag\x00", "fix": "tag it",
            },
        ],
        "waived": [
            common | {
                "policy": "CKV_AWS_145", "severity": "HIGH", "resource": "aws_s3_bucket.logs",
                "file": "f.json", "line": 7, "message": "no CMK", "fix": "use it",
                "reason": "ELB can't", "expires": "2027-06-30",
            }
        ],
        "errors": [
            {
                "message": "f.json is not JSON", "fix": "synthesize again", "file": "f.json", "line": 3,
                "policy": None, "resource": None,
            },
            {
                "message": "CKV_AWS_9 on aws_x.y: not evaluated: why", "fix": "literally", "file": "f.json",
                "line": 4, "policy": "CKV_AWS_9", "resource": "aws_x.y",
            },
        ],
    }  # fmt: skip


def test_sarif() -> None:
    log = json.loads(rendered("sarif", REPORT))
    assert (log["version"], log["$schema"].rsplit("/", 1)[1]) == ("2.1.0", "sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [
        "CKV_AWS_24",
        "CKV_BG_9",
    ]
    assert [rule.get("helpUri") for rule in run["tool"]["driver"]["rules"]] == [
        "https://example.com/24",
        None,
    ]
    first, second = run["results"]  # not what is waived
    assert first["ruleId"] == "CKV_AWS_24"
    assert first["level"] == "error"
    assert (
        first["message"]["text"] == "aws_security_group.db[0]: open <to> [red]the world[/red]\nmend: close it"
    )
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "cdktf.out/stacks/a%20b/cdk.tf.json"},
                "region": {"startLine": 12},
            },
            "logicalLocations": [{"fullyQualifiedName": "aws_security_group.db[0]", "kind": "resource"}],
        }
    ]
    assert second["level"] == "note"
    assert second["locations"][0]["physicalLocation"]["artifactLocation"] == {
        "uri": "file:///stacks/cdk.tf.json"
    }
    assert not any("suppressions" in result for result in (first, second))
    (invocation,) = run["invocations"]
    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (False, 2)
    assert [note["level"] for note in invocation["toolExecutionNotifications"]] == ["error", "error"]


def test_a_result_of_sarif_is_the_same_on_another_line() -> None:
    moved = Finding(**{**{name: getattr(OPEN, name) for name in OPEN.__slots__}, "line": 99})
    prints = [
        json.loads(rendered("sarif", Report(findings=(finding,))))["runs"][0]["results"][0][
            "partialFingerprints"
        ]
        for finding in (OPEN, moved, TAG)
    ]
    assert prints[0] == prints[1] != prints[2]


def test_junit() -> None:
    root = ElementTree.fromstring(rendered("junit", REPORT))  # noqa: S314 - written above
    (suite,) = root
    assert suite.attrib == {
        "name": "bluegreen scan, profile: all", "tests": "6", "failures": "2", "errors": "2", "skipped": "1"
    }  # fmt: skip
    cases = [(case.get("classname"), case.get("name"), *(part.tag for part in case)) for case in suite]
    assert cases == [
        ("bluegreen scan", "40 verdicts passed"),
        ("aws_security_group.db[0]", "CKV_AWS_24", "failure"),
        ("payments", "CKV_BG_9", "failure"),
        ("aws_s3_bucket.logs", "CKV_AWS_145", "skipped"),
        ("f.json", "evaluation", "error"),
        ("aws_x.y", "CKV_AWS_9", "error"),
    ]
    failure = suite[1][0]
    assert (failure.get("type"), failure.get("message")) == ("CRITICAL", "open <to> [red]the world[/red]")
    assert failure.text == "fix: close it\ncdktf.out/stacks/a b/cdk.tf.json:12"


@pytest.mark.parametrize("name", sorted(FORMATS))
@pytest.mark.parametrize("report", [REPORT, CLEAN, Report()], ids=["full", "clean", "empty"])
def test_every_format_ends_in_a_line_feed(name: str, report: Report) -> None:
    assert rendered(name, report).endswith("\n")


def test_nothing_of_a_finding_is_lost_in_json() -> None:
    finding: dict[str, Any] = json.loads(rendered("json", REPORT))["findings"][0]
    assert Finding(**finding) == OPEN
