"""JUnit XML, for what shows test results: a finding is a failure, what was not evaluated an error, what is
waived skipped, and everything that passed one test.
"""

from typing import TextIO
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from safe_io import xml

from stack_gate.report import Finding, Report


def write(report: Report, out: TextIO) -> None:
    """One test suite."""
    root = Element("testsuites")
    root.append(_suite(report))
    indent(root)
    out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
    ElementTree(root).write(out, encoding="unicode")
    out.write("\n")


def _suite(report: Report) -> Element:
    counts = {
        "tests": len(report.findings) + len(report.waived) + len(report.errors) + 1,
        "failures": len(report.findings),
        "errors": len(report.errors),
        "skipped": len(report.waived),
    }
    name = xml(f"bluegreen scan, profile: {report.profile}")
    suite = Element("testsuite", {"name": name, **{key: str(count) for key, count in counts.items()}})
    SubElement(suite, "testcase", classname="bluegreen scan", name=f"{report.passed} verdicts passed")
    for finding in report.findings:
        message = {"type": str(finding.severity), "message": xml(finding.message)}
        _text(SubElement(_case(suite, finding), "failure", message), finding)
    for item in report.waived:
        reason = xml(f"until {item.expires}: {item.reason}")
        SubElement(_case(suite, item.finding), "skipped", message=reason)
    for problem in report.errors:
        name = problem.policy or "evaluation"
        case = SubElement(suite, "testcase", classname=xml(problem.resource or problem.file), name=xml(name))
        error = SubElement(case, "error", type="NOT_EVALUATED", message=xml(problem.message))
        error.text = xml(f"fix: {problem.fix}\n{problem.file}:{problem.line}")
    return suite


def _case(suite: Element, finding: Finding) -> Element:
    return SubElement(suite, "testcase", classname=xml(finding.resource), name=xml(finding.policy))


def _text(element: Element, finding: Finding) -> None:
    element.text = xml(f"fix: {finding.fix}\n{finding.file}:{finding.line}")
