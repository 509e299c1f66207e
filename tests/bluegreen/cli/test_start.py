"""Start, help and defects of the command line, as processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest

from bluegreen.cli import abort
from bluegreen.cli.app import GROUPS
from bluegreen.cli.exit_codes import MEANING
from bluegreen.cli.verbs import described
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

# Each of them takes longer to import than the whole of `bluegreen --help` may take.
HEAVY = ("boto3", "botocore", "checkov", "moto", "cryptography", "cdktf", "jsii")

FULL = Path("/dev/full")  # refuses what is written to it

RUN = """
import sys
sys.argv[:] = ["bluegreen", *sys.argv[1:]]
from bluegreen.cli import app
try:
    app.main()
finally:
    print(sorted(set(sys.modules) & set({heavy!r})), file=sys.stderr)
"""
DEFECT = """
import sys
from bluegreen.cli import app, {module}

def broken(*_):
    raise RuntimeError("a defect")
{module}.{function} = broken
sys.argv[:] = ["bluegreen", *sys.argv[1:]]
app.main()
"""


def python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("local", "--help"),
        ("switch", "--help"),
        ("shift", "--help"),
        ("scan", "--help"),
        ("guard", "--help"),
    ],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    result = python(RUN.format(heavy=HEAVY), *arguments)
    assert (result.returncode, result.stderr) == (0, "[]\n")


def test_help_shows_the_exit_codes() -> None:
    shown = [line.strip() for line in python(RUN.format(heavy=HEAVY), "--help").stdout.splitlines()]
    for code, meaning in MEANING.items():
        assert f"{code:d}  {meaning}" in shown


def test_help_begins_with_what_to_do_first_and_has_groups() -> None:
    shown = python(RUN.format(heavy=HEAVY), "--help").stdout
    places = [
        shown.index(text) for text in ("First, in the checkout: `make up`", *(f"─ {g} ─" for g in GROUPS))
    ]
    assert places == sorted(places)


def test_help_of_a_verb_has_its_examples() -> None:
    shown = [line.strip() for line in python(RUN.format(heavy=HEAVY), "abort", "--help").stdout.splitlines()]
    begin = shown.index("Examples:")
    assert shown[begin + 1 : begin + 4] == list(described(abort.abort).examples)


@pytest.mark.parametrize(
    ("module", "function", "arguments", "code"),
    [
        ("target", "connect", ("status",), 4),
        ("scan", "_status", ("scan", "--format", "json=-"), 2),
        ("guard", "allowances_of", ("guard", "plan.json"), 2),
        ("scan", "_status", ("--project", ".", "scan"), 2),
    ],
)
def test_a_defect_keeps_its_traceback_and_does_not_look_like_a_refusal(
    module: str, function: str, arguments: tuple[str, ...], code: int
) -> None:
    result = python(DEFECT.format(module=module, function=function), *arguments)
    assert result.returncode == code
    assert result.stderr.splitlines()[-1] == "RuntimeError: a defect"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("schema",), 4), (("local", "down", "-d", "absent"), 4), (("scan", "--format", "json=-"), 2)],
    ids=("exact", "a view", "the gate"),
)
def test_a_reader_that_has_gone_does_not_look_like_a_refusal(arguments: tuple[str, ...], code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as gone:
        result = writing_to(gone, arguments)
    assert result.returncode == code
    assert "error" not in result.stderr.lower(), result.stderr


def writing_to(out: TextIO, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """A command whose standard output is `out`."""
    command = [sys.executable, "-m", "bluegreen", *arguments]
    return subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.PIPE, text=True, check=False)


@pytest.mark.skipif(not FULL.exists(), reason="Linux has it")
@pytest.mark.parametrize("arguments", [("schema",), ("local", "down", "-d", "absent"), ("--help",)])
def test_a_full_disk_is_named_and_is_no_defect(arguments: tuple[str, ...]) -> None:
    with FULL.open("w", encoding="utf-8") as full:
        result = writing_to(full, arguments)
    assert result.returncode == 4
    assert "  cause: No space left on device\n" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_of_this_machine_that_fails_is_named() -> None:
    failing = DEFECT.replace('RuntimeError("a defect")', 'PermissionError(13, "Permission denied", "a file")')
    result = python(failing.format(module="target", function="connect"), "status")
    assert result.returncode == 4
    first, cause, *_ = result.stderr.splitlines()
    assert (first, cause) == ("error: status could not be finished: a file", "  cause: Permission denied")


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "Is a directory"), ("[]", "not JSON of a stack: its outermost value is no object"), ("{", "not")],
)
def test_a_stack_that_is_none_is_wrong_input(tmp_path: Path, content: str | None, why: str) -> None:
    stack = tmp_path / "cdktf.out" / "stacks" / "local" / "cdk.tf.json"
    if content is None:
        stack.mkdir(parents=True)
    else:
        stack.parent.mkdir(parents=True)
        stack.write_text(content, encoding="utf-8")
    result = python(RUN.format(heavy=()), "--project", str(tmp_path), "status")
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: {stack} can't be read: {why}")


def test_standard_streams_that_the_caller_closed() -> None:
    arguments = (sys.executable, "-m", "bluegreen", "shift", "--to", "green", "--steps", "100")
    closed = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&- >&-', "sh", *arguments],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert closed.returncode == 2
    assert closed.stderr.splitlines()[0] == (
        "error: shift asks before it begins, and here is no terminal to ask on"
    )


def test_an_interrupt_while_it_still_loads_ends_it_without_a_traceback(tmp_path: Path) -> None:
    """A checkout whose code takes for ever to import."""
    for name, content in {
        "scripts/command.py": (ROOT / "scripts" / "command.py").read_text(encoding="utf-8"),
        "bluegreen/cli/app.py": "import signal, time\nsignal.raise_signal(signal.SIGINT)\ntime.sleep(60)\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    command = (sys.executable, str(tmp_path / "scripts" / "command.py"))
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")
