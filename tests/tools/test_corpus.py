"""The gate over other projects: what is counted, and that a policy that breaks is noticed."""

from pathlib import Path

import pytest
from stack_gate import Problem, Report

from tests.workspaces import ROOT
from tools.corpus import __main__ as corpus
from tools.corpus import page
from tools.corpus.run import Project, counts, scanned

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:checkov")
MOST = 5.0  # percent of the findings that may be wrong


def test_a_stack_of_another_project_is_counted_and_not_named() -> None:
    project = scanned(ROOT / "examples" / "other_stack")
    found = counts([project])
    assert (found["projects"], found["stacks"], found["broken"]) == (1, 1, 0)
    assert found["findings"] == len(project.report.findings) > 0
    assert "other_stack" not in str(found)
    assert project.content()["findings"][0]["resource"]


@pytest.mark.parametrize(
    ("message", "broken"),
    [
        ("CKV_BG_1 on aws_vpc.x: not evaluated: the check raises KeyError: 'a'", 1),
        ("stack can't be evaluated: RecursionError: too deep", 1),
        ("aws_vpc.x depends on var.a, which has no default", 0),
    ],
)
def test_what_broke_is_told_from_what_is_unknown(message: str, broken: int) -> None:
    report = Report(errors=(Problem(message, "fix it"),))
    assert len(Project(Path(), report).broken) == broken


@pytest.mark.parametrize("names", [[], ["nowhere"]])
def test_directories_have_to_be_there(names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert corpus.main([Path(name) for name in names]) == 2
    assert "fix: make corpus DIR" in capsys.readouterr().err


def test_the_share_of_wrong_findings_is_small() -> None:
    assert page.share() < MOST
    header, *rows, total = page.wrong()
    assert len(header) == 2
    assert sum(int(row[1]) for row in rows) == int(total[1])
