"""Expressions against `terraform console`: what is known is what Terraform says."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stack_gate.expressions import Evaluator, Unknown

pytestmark = pytest.mark.integration

NOTHING: dict[str, Any] = {}
WORDS = st.sampled_from(["", "a", "ab", "B", "a,b", "true", "1", "0", "-3", "x-y", "é", "<&>", "a b"])
NUMBERS = st.integers(-20, 20).map(str) | st.sampled_from(["0.5", "2.25", "-1.5", "100"])
SCALARS = WORDS.map(json.dumps) | NUMBERS | st.sampled_from(["true", "false", "null"])
STRING_CALLS = ("lower", "upper", "chomp", "base64encode", "base64decode", "jsonencode", "tostring", "length")
LIST_CALLS = (
    "length", "reverse", "distinct", "flatten", "compact", "sort", "alltrue", "anytrue", "one", "tolist",
    "toset", "concat", "coalescelist", "jsonencode", "join(\",\",", "join(\"\",",
)  # fmt: skip
MAP_CALLS = ("keys", "values", "length", "merge", "jsonencode", "tomap")
TWO_STRINGS = ("startswith", "endswith", "strcontains", "split", "trimprefix", "trimsuffix", "coalesce")


def call(name: str, *arguments: str) -> str:
    return f"{name}{'' if '(' in name else '('}{', '.join(arguments)})"


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    keys = st.sampled_from(["a", "b", "c1"])
    maps = st.dictionaries(keys, inner, max_size=3).map(
        lambda pairs: "{" + ", ".join(f"{key} = {value}" for key, value in pairs.items()) + "}"
    )
    operators = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=", "&&", "||"])
    return st.one_of(
        lists,
        maps,
        st.builds(lambda a, o, b: f"({a} {o} {b})", inner, operators, inner),
        st.builds(lambda a, b, c: f"({a} ? {b} : {c})", inner, inner, inner),
        inner.map(lambda value: f"(!{value})") | inner.map(lambda value: f"(-{value})"),
        inner.map(lambda value: f'"x${{{value}}}y"'),
        st.builds(call, st.sampled_from(STRING_CALLS), inner),
        st.builds(call, st.sampled_from(LIST_CALLS), lists),
        st.builds(call, st.sampled_from(MAP_CALLS), maps),
        st.builds(call, st.sampled_from(TWO_STRINGS), inner, inner),
        st.builds(lambda a, i: f"{a}[{i}]", lists, st.integers(0, 3)),
        st.builds(lambda a, k: f'{a}["{k}"]', maps, keys),
        st.builds(lambda a, i: f"element({a}, {i})", lists, st.integers(0, 4)),
        st.builds(lambda a, i, j: f"slice({a}, {i}, {j})", lists, st.integers(0, 2), st.integers(0, 3)),
        st.builds(lambda a, b: f"contains({a}, {b})", lists, inner),
        st.builds(lambda a, b: f"try({a}, {b})", inner, inner),
        st.builds(lambda a, b: f"[for v in {a} : {b} if v != null]", lists, inner),
        st.builds(lambda a: f'{{for k, v in {a} : "${{k}}z" => v}}', maps),
        st.builds(lambda f, a: f'format("{f}", {a})', st.sampled_from(["%s", "a%d", "%v%%", "%q"]), inner),
        st.builds(lambda a, i, n: f"substr({a}, {i}, {n})", inner, st.integers(-3, 3), st.integers(-1, 4)),
        st.builds(lambda n, i: f'cidrsubnet("10.0.0.0/16", {n}, {i})', st.integers(0, 8), st.integers(0, 9)),
    )


EXPRESSIONS = st.recursive(SCALARS, compound, max_leaves=6)


def said(expressions: list[str], directory: Path) -> list[Any]:
    """What Terraform makes of each: a list of its value, "refused", or "unknown" (known after apply)."""
    # One line, for the console prints the last answer only.
    tried = ", ".join(f'try([{text}], "refused")' for text in expressions)
    done = subprocess.run(
        ["terraform", "console"],  # noqa: S607 - the one that the tool runs
        input=f"jsonencode([{tried}])\n",
        cwd=directory,
        env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    answered = done.stdout.startswith('"')
    if not answered and len(expressions) > 1:  # one is refused before it is evaluated, or never known
        middle = len(expressions) // 2
        return [*said(expressions[:middle], directory), *said(expressions[middle:], directory)]
    if not answered:
        return ["refused" if done.returncode else "unknown"]
    # A string in HCL's quotes, which are JSON's but for ${ and %{.
    found: list[Any] = json.loads(json.loads(done.stdout.strip().replace("$${", "${").replace("%%{", "%{")))
    return found


def equal(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(equal, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(equal(ours[key], theirs[key]) for key in ours)
    return bool(ours == theirs)


# Not shrunk: each try is a process.
@settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(expressions=st.lists(EXPRESSIONS, min_size=40, max_size=80))
def test_what_is_known_is_what_terraform_says(
    expressions: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    theirs = said(expressions, tmp_path_factory.getbasetemp())
    evaluator = Evaluator(NOTHING.__getitem__)
    assert len(theirs) == len(expressions)
    pairs = [
        (evaluator.evaluate(f"${{{text}}}"), value) for text, value in zip(expressions, theirs, strict=True)
    ]
    assert [
        (text, ours, value)
        for text, (ours, value) in zip(expressions, pairs, strict=True)
        if not isinstance(ours, Unknown)
        and value != "unknown"
        and (value == "refused" or not equal(ours, value[0]))
    ] == []


# Each is known: an evaluator that knows nothing would pass the test above.
KNOWN = [
    '[1, 2][1]', '{a = 1}["a"]', '"x${1 + 1}y"', "true ? 1 : 2", 'join(",", ["a", "b"])', "max(1, 5, 3)",
    "coalescelist([], [null])[0]", 'merge({a = 1}, {b = 2})["b"]', '[for k, v in {a = 1} : "${k}${v}"]',
    'lookup({a = 1}, "b", 2)', "!false && true", 'cidrsubnet("10.0.0.0/16", 4, 2)', "7 % 4", "-(3 - 5)",
    'jsonencode({b = [1, "<"], a = null})', 'try({}["a"], 3)', 'format("%s-%d", "a", 3)',
    "length(toset([1, 1]))", "1 + 2 * 3", "7 - 4 - 1", "8 / 4 / 2", "1 < 2 == true", "true || false && false",
    "!true == false", "-2 + 3", "true ? 1 : false ? 2 : 3", "2 * 3 == 6 && 1 + 1 != 3",
    'cidrhost("10.0.0.0/24", -2)', 'zipmap(["a"], [1])', "flatten([[1], [2, [3]]])", 'split(",", "a,b")',
    'replace("a.b", ".", "-")', "slice([1, 2, 3], 1, 3)", "tonumber(\"4\") == 4", 'can({}["a"])',
]  # fmt: skip


def test_known_expressions(tmp_path: Path) -> None:
    evaluator = Evaluator(NOTHING.__getitem__)
    ours = [evaluator.evaluate(f"${{{text}}}") for text in KNOWN]
    assert [text for text, value in zip(KNOWN, ours, strict=True) if isinstance(value, Unknown)] == []
    assert [[value] for value in ours] == said(KNOWN, tmp_path)
