"""No text takes a scan longer than its length allows. In processor time, with budgets that leave room."""

import base64
import copy
import gzip
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stack_gate import ExitCode
from stack_gate.expressions import UNKNOWN, Evaluator

from iam_evaluation import Caller, Policies, Request, evaluate, parse_policy
from policies.secrets._literals import literals
from tests.policies import harness
from tests.policies.harness import Document, names

LONG = 1_000_000  # characters
SECONDS = 12.0  # of processor time, for what takes about one

# Words, signs and beginnings of everything that a search looks for.
PIECES = [
    "token", "password", "a", "A", "x_", "0", "-", "_", ".", "/", ":", "=", "@", "$", "${", "}", "{", "%{",
    "[",
    "(", ")", '"', "'", "\\", " ", "\n", ",", ";", "&", "*", "?", "://", "-----BEGIN ", "eyJaaaaaaaa", "AKIA",
    "authorization: basic ", "--", "-u ", "arn:", "aws_vpc.", "data.", "local.", "var.", "ghp_", "QUFB",
    "\u00e4",
]  # fmt: skip
UNITS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
KEYS = st.sampled_from(["user_data", "db_password", "description", "command", "value"])


def spent(started: float) -> float:
    return time.process_time() - started


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(unit=UNITS, before=st.sampled_from(PIECES), key=KEYS)
@pytest.mark.integration  # takes its time
def test_a_text_of_repetitions_is_searched_in_seconds(unit: str, before: str, key: str) -> None:
    text = before + unit * (LONG // len(unit))
    started = time.process_time()
    try:
        list(literals(text, key))
    except ValueError as error:
        assert "too deeply" in str(error)  # noqa: PT017 - either answer will do
    assert spent(started) < SECONDS


@pytest.mark.integration
@pytest.mark.usefixtures("pack")
@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(unit=UNITS)
def test_a_stack_with_a_long_text_is_scanned_in_seconds(unit: str, original: Document, place: Path) -> None:
    document = copy.deepcopy(original)
    text = unit * (LONG // len(unit))
    for type_, argument in (("aws_ecs_cluster", "name"), ("aws_sns_topic", "policy"), ("aws_lb", "name")):
        document["resource"][type_][names(document, type_)[0]][argument] = text
    started = time.process_time()
    harness.evaluate(document, place)
    assert spent(started) < 3 * SECONDS


def test_compressed_text_is_unpacked_to_a_limit() -> None:
    bomb = base64.b64encode(gzip.compress(b"token-" * 4_000_000, 1)).decode()
    started = time.process_time()
    list(literals(bomb, "user_data"))
    assert spent(started) < SECONDS


def test_wildcards_are_matched_in_one_pass() -> None:
    """Forty wildcards: with backtracking longer than the universe has been there."""
    pattern = "arn:aws:s3:::" + "*a" * 40 + "*b"
    statement = {"Effect": "Allow", "Action": "s3:" + "*e" * 40 + "*z", "Resource": pattern}
    text = json.dumps(
        {"Version": "2012-10-17", "Statement": [statement, {**statement, "Action": "s3:GetObject"}]}
    )
    policy = parse_policy(text, name="wild")
    caller = Caller.role("arn:aws:iam::111122223333:role/app", "session")
    request = Request(caller, "s3:GetObject", "arn:aws:s3:::" + "a" * 400, resource_account="111122223333")
    started = time.process_time()
    assert not evaluate(request, Policies(identity=(policy,))).allowed
    assert spent(started) < SECONDS


def doubled(join: str, levels: int) -> dict[str, Any]:
    """Each local is the one before it, twice."""
    found: dict[str, Any] = {"x0": "ab"}
    for level in range(1, levels):
        inner = f"${{local.x{level - 1}}}"
        found[f"x{level}"] = [inner, inner] if join == "list" else inner * 2
    return found


@pytest.mark.usefixtures("pack")
@pytest.mark.parametrize(
    "value",
    ["list", "text", "chain"],
)
@pytest.mark.integration  # takes its time
def test_locals_that_grow_are_not_evaluated(value: str, original: Document, place: Path) -> None:
    document = copy.deepcopy(original)
    name = names(document, "aws_sns_topic")[0]
    if value == "chain":
        document["locals"] = {f"x{n}": f"${{local.x{n + 1}}}" for n in range(3_000)}
        last = "x0"
    else:
        document["locals"] = doubled(value, 60)
        last = "x59"
    document["resource"]["aws_sns_topic"][name]["display_name"] = f"${{local.{last}}}"
    started = time.process_time()
    report = harness.evaluate(document, place)
    assert spent(started) < 3 * SECONDS
    assert report.exit_code is ExitCode.NOT_EVALUATED


@pytest.mark.usefixtures("pack")
def test_a_deep_document_is_not_evaluated(original: Document, place: Path) -> None:
    document = copy.deepcopy(original)
    name = names(document, "aws_sns_topic")[0]
    deep: Any = "x"
    for _ in range(300):
        deep = {"a": [deep]}
    document["resource"]["aws_sns_topic"][name]["tags"] = deep
    report = harness.evaluate(document, place)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert [(p.resource, "deep" in p.message) for p in report.errors] == [(f"aws_sns_topic.{name}", True)]


@pytest.mark.parametrize(
    "text",
    [
        '${replace("' + "a" * 5_000 + '", "a", "' + "b" * 5_000 + '")}',
        "${length([for a in local.n : [for b in local.n : [for c in local.n : c]]])}",
        '${join("' + "a" * 9_000 + '", local.n)}',
        "${" + "1 + " * 50_000 + "1}",
        "${" + "!" * 50_000 + "true}",
    ],
    ids=["replace", "for", "join", "sum", "not"],
)
def test_an_expression_of_too_many_steps_is_unknown(text: str) -> None:
    started = time.process_time()
    assert Evaluator(lambda _: list(range(1_000))).evaluate(text) in (UNKNOWN, True)
    assert spent(started) < SECONDS
