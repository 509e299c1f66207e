"""What makes a scan quick leaves its results as they are."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from bc_jsonpath_ng.ext.parser import parse as library_parse
from hypothesis import given, settings
from hypothesis import strategies as st
from stack_gate import once

from tests.workspaces import ROOT, stack_directory

SCAN = """
    import json, sys
    if {plain}:
        import stack_gate.once as once
        once.install = lambda: None
    import datetime, pathlib
    import stack_gate as gate
    from stack_gate.render import json_report
    today, pack = datetime.date(2026, 11, 23), pathlib.Path('policies')
    report = gate.scan(pathlib.Path(sys.argv[1]), policies=pack, today=today)
    from stack_gate import registries
    checks = sorted(f"{{type(check).__module__}} {{check.id}}" for check in registries.active())
    json.dump([json_report.content(report), checks], sys.stdout)
"""


def scanned(stack: Path, *, plain: bool) -> tuple[dict[str, Any], list[str]]:
    """Report and checks of a scan in a process of its own; `plain`: nothing is saved."""
    command = [sys.executable, "-c", dedent(SCAN.format(plain=plain)), str(stack)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    report, checks = json.loads(done.stdout)
    return report, checks


@pytest.mark.integration
@pytest.mark.long
def test_a_scan_is_the_same_without_what_it_saves(workspace: Path) -> None:
    stack = stack_directory(workspace, "local")
    quick, plain = (scanned(stack, plain=plain) for plain in (False, True))
    assert quick == plain
    assert quick[0]["exit_code"] == 0
    assert quick[0]["passed"] > 500


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns, or the type of what it raises."""
    try:
        return function(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error)


KEY = st.from_regex(r"[a-z_][a-z0-9_-]{0,8}|\[[0-9]{1,2}\]|\"[a-z/]{1,5}\"|where|[*]", fullmatch=True)


@settings(max_examples=25)  # the library's own takes 20 ms for each
@given(st.lists(KEY, min_size=1).map(lambda keys: "$." + ".".join(keys).replace(".[", "[")))
def test_a_path_is_parsed_as_the_library_does(path: str) -> None:
    assert outcome(once.parse, path) == outcome(library_parse, path)


EXPRESSION = st.text("${}()[]\"'=<>&|?:,.+-019 abtrue", max_size=12) | st.sampled_from(
    ["true", "1", "[1, 2]", '{"a": 1}', "${merge({}, {a = 1})}", "${1 + 1}", "max(1, 2)", 'tobool("false")']
)


@given(EXPRESSION | st.booleans() | st.integers(), st.booleans())
def test_an_expression_has_the_value_that_checkov_gives_it(value: Any, keep: bool) -> None:
    expected = outcome(once._evaluate, value, keep)
    for _ in range(2):  # the second time it is remembered
        found = outcome(once.evaluate, value, keep)
        assert (type(found), found) == (type(expected), expected)
        if isinstance(found, list | dict):
            found.clear()  # nobody else is given what one may change


@given(st.text("[]{}ab", max_size=12), st.sampled_from(["[]", "{}"]))
def test_brackets_are_paired_as_checkov_pairs_them(text: str, pair: str) -> None:
    assert once.bracket_pairs(text, *pair) == once._pairs(text, *pair)
