"""Every renderer of every verb, fed with text that means harm."""

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
import safe_io as output
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console
from stack_gate import Finding, Problem, Report, Severity, Waived
from stack_gate.render import FORMATS
from typer.testing import CliRunner

from bluegreen.cli import policies
from bluegreen.cli.app import app
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.views.narration import Narrator
from bluegreen.diagram.mermaid import mermaid
from bluegreen.diagram.model import Topology
from bluegreen.diagram.svg import svg
from packages.safe_io.tests.hostile import TEXTS, harm
from tests.bluegreen.cli.views import documents
from tests.workspaces import ROOT

WIDTHS = (60, 100, 100_000)


@pytest.mark.parametrize("verb", documents.SHOWN)
@given(text=TEXTS, width=st.sampled_from(WIDTHS))
@settings(max_examples=8)
def test_views(verb: str, text: str, width: int) -> None:
    shown = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    shown.print(documents.view(verb, lambda _: text))
    assert isinstance(shown.file, io.StringIO)
    assert harm(shown.file.getvalue()) == []


@pytest.mark.parametrize("verb", documents.SHOWN)
@given(text=TEXTS)
@settings(max_examples=3)
def test_views_that_are_not_given_escaped_data(verb: str, text: str) -> None:
    """The second line of defence: each Text escapes on its own."""
    document, view = documents.SHOWN[verb]
    shown = Console(file=io.StringIO(), width=100, markup=False, emoji=False, highlight=False)
    shown.print(view(documents.changed(document, lambda _: text)))
    assert isinstance(shown.file, io.StringIO)
    assert harm(shown.file.getvalue()) == []


def test_every_view_is_fed() -> None:
    used = (ROOT / "tests" / "bluegreen" / "cli" / "views" / "documents.py").read_text(encoding="utf-8")
    views = {
        name
        for path in (ROOT / "bluegreen" / "cli" / "views").glob("*.py")
        for name in re.findall(r"^def (\w+_view)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert len(views) > 10
    assert {name for name in views if f".{name}" not in used} == set()


@given(TEXTS)
@settings(max_examples=20)
def test_lines_of_a_shift(text: str) -> None:
    found = documents.changed([documents.WORKFLOW, documents.gates("green")], lambda _: text)
    workflow, gates = output.data(found)
    said = Narrator().lines(documents.NOW, workflow, gates, {"blue": 100, "green": 0}, text)
    assert said
    assert harm("\n".join(output.lines(part) for part in said)) == []


@pytest.mark.parametrize("write", [output.notice, output.say, output.report_error])
@given(text=TEXTS)
@settings(max_examples=20)
def test_sentences(write: Callable[[str], None], text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        streams = {name: io.StringIO() for name in ("stdout", "stderr")}
        for name, stream in streams.items():
            patch.setattr(f"sys.{name}", stream)
        write(text)
    written = "".join(stream.getvalue() for stream in streams.values())
    assert written
    assert harm(written) == []


@given(TEXTS)
@settings(max_examples=20)
def test_what_a_verb_shows_as_json(text: str) -> None:
    document = documents.changed(documents.STATUS, lambda _: text)
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stdout", stream)
        output.show_document(document)
    assert json.loads(stream.getvalue()) == json.loads(json.dumps(document))
    assert harm(stream.getvalue()) == []


@example("word")
@example("##[error]\x1b[31m")
@given(TEXTS)
@settings(max_examples=4)
def test_errors_of_usage(text: str) -> None:
    for arguments in (
        [text],
        ["status", "--deployment", f"{text}/"],  # no name has it
        ["scan", "--format", text],
        ["shift", "--to", text],
    ):
        result = CliRunner().invoke(app, arguments, prog_name="bluegreen")
        assert result.exit_code == ExitCode.INVALID, (arguments, result.output)
        assert harm(result.output) == []


def report_of(text: str) -> Report:
    """A report with the text wherever scanned content can be."""
    finding = Finding(text, text, Severity.HIGH, text, text, 3, text, text, text)
    return Report(
        findings=(finding,),
        waived=(Waived(finding, text, "2027-06-30"),),
        errors=(Problem(text, text, text, 3, text, text), Problem(text, text)),
        stacks=(text,),
    )


@pytest.mark.parametrize("name", FORMATS)
@given(text=TEXTS)
@settings(max_examples=20)
def test_reports(name: str, text: str) -> None:
    out = io.StringIO()
    FORMATS[name](report_of(text), out)
    written = out.getvalue()

    assert harm(written) == []
    written.encode()
    if name == "junit":
        ElementTree.fromstring(written.encode())  # noqa: S314 - written above
    if name == "text":
        assert written.count("WAIVED") - 1 <= text.count("WAIVED") * 20
        entries = [
            line for line in written.splitlines() if line.startswith("  ") and not line.startswith("    ")
        ]
        assert len(entries) == 4  # no text makes an entry of its own


@given(TEXTS)
@settings(max_examples=20)
def test_the_page_of_policies(text: str) -> None:
    row: dict[str, Any] = dict.fromkeys(
        ("policy", "title", "requirement", "pci", "severity", "why", "fix"), text
    )
    page = policies.markdown([row | {"resources": [text], "replaces": {"CKV_AWS_1": text}}])
    about = policies.ABOUT + policies.GENERATED

    assert harm(page) == []
    assert page.count("<") == about.count("<")
    assert len(page.splitlines()) == len(
        policies.markdown(
            [row | dict.fromkeys(row, "a") | {"resources": ["a"], "replaces": {"CKV_AWS_1": "a"}}]
        ).splitlines()
    )


@pytest.fixture(scope="module")
def topology(workspace: Any) -> Topology:
    from bluegreen.diagram.topology import read  # noqa: PLC0415 - it is slow to import
    from tests.workspaces import stack_directory  # noqa: PLC0415

    return read(stack_directory(workspace, "local"))


@given(text=TEXTS)
@settings(max_examples=4)
def test_diagrams(topology: Topology, text: str) -> None:
    node = replace(topology.nodes[0], title=text, details=(text,))
    spoiled = replace(topology, name=text, region=text, network=text, nodes=(node, *topology.nodes[1:]))

    drawn = svg(spoiled)
    assert harm(drawn) == []
    ElementTree.fromstring(drawn.encode())  # noqa: S314 - written above
    assert harm(mermaid(spoiled)) == []
    assert len(mermaid(spoiled).splitlines()) == len(mermaid(topology).splitlines())
