"""CDKTF output that this project did not write, and what reading it by hand finds in it.

The tables beside the stacks are written from the stacks and what the policies say they find, not from what a
scan found: where they differ, a policy or the reader is wrong. They speak of the policies in COVERED: to
cover more, widen it and add rows.
"""

import re
from pathlib import Path
from types import ModuleType

import pytest
from stack_gate import ExitCode, Report

from packages.gate.tests import builder
from packages.gate.tests.foreign import flat, hcl, typescript
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration  # no process, but scans of whole stacks

STACKS = {stack.NAME: stack for stack in (typescript, flat, hcl)}
COVERED = range(1, 100)  # network, encryption, traffic, platform


def is_covered(policy: str) -> bool:
    """Whether it is one of the pack's that the tables speak of."""
    found = re.fullmatch(r"CKV2?_BG_(\d+)", policy)
    return found is not None and int(found[1]) in COVERED


@pytest.fixture(scope="module", params=STACKS)
def stack(request: pytest.FixtureRequest) -> ModuleType:
    """One of the three."""
    return STACKS[request.param]


@pytest.fixture(scope="module")
def report(stack: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The scan of the stack alone, in a directory with its name."""
    directory = tmp_path_factory.mktemp("foreign") / stack.NAME
    directory.mkdir()
    for name, text in stack.documents().items():
        Path(directory, name).write_text(text)
    return builder.scan(directory, policies=ROOT / "policies")


def test_all_of_it_is_evaluated(stack: ModuleType, report: Report) -> None:
    assert builder.messages(report) == ""
    assert report.exit_code == ExitCode.FINDINGS
    assert report.stacks == (stack.NAME,)


def test_exactly_what_reading_it_by_hand_gives_is_found(stack: ModuleType, report: Report) -> None:
    assert {pair for pair in builder.found(report) if is_covered(pair[0])} == stack.EXPECTED


def test_built_in_checks_see_it_too(stack: ModuleType, report: Report) -> None:
    found = builder.found(report)
    assert {
        check: {address for policy, address in found if policy == check} for check in stack.BUILT_IN
    } == stack.BUILT_IN


def test_findings_point_into_the_stack(stack: ModuleType, report: Report) -> None:
    files = stack.documents()
    for finding in report.findings:
        assert 1 <= finding.line <= files[Path(finding.file).name].count("\n") + 1, finding
        assert finding.message
        assert finding.fix
