"""The function as Lambda runs it: from its own folder, with its own environment."""

import io
import json
import logging
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bluegreen.aws import Access
from bluegreen.operate.identity import attest
from lambda_src.common.logs import JsonFormatter
from lambda_src.contract.actions import Action
from lambda_src.contract.attestation import KEY
from lambda_src.contract.errors import (
    ConfigurationError,
    GatesNotPassedError,
    NotAdmittedError,
    SwitchError,
    ValidationError,
)
from lambda_src.switch import handler as handler_module
from lambda_src.switch import reading, serving
from modules.functions.package import build
from tests.lambda_src.live_platform import GREEN, LivePlatform
from tests.lambda_src.versions import image

_RUN = """
import json, sys
from switch.reading import handler

class Context:
    aws_request_id, function_name = "one", "payments-switch"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:payments-switch:operate"
    def get_remaining_time_in_millis(self):
        return 60_000

print(json.dumps({"answer": handler(json.load(sys.stdin), Context()), "modules": sorted(sys.modules)}))
"""


ROW = {"writer": "blue", "epoch": 7, "state": "open"}


@dataclass
class Context:
    aws_request_id: str = "8476a536"
    function_name: str = "payments-switch"
    milliseconds: int = 60_000
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:payments-switch:operate"

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def deployed(platform: LivePlatform, monkeypatch: pytest.MonkeyPatch) -> Iterator[LivePlatform]:
    """The platform whose environment the function has; its clients are made anew, as in a new container."""
    for name, value in platform.environment.items():
        monkeypatch.setenv(name, value)
    serving.clients.cache_clear()
    yield platform
    serving.clients.cache_clear()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the function writes to its log. What it wrote to before may be closed: a run's before this one."""
    stream = next(
        handler
        for handler in logging.getLogger("switch").handlers
        if isinstance(handler.formatter, JsonFormatter)
    )
    assert isinstance(stream, logging.StreamHandler)
    written = io.StringIO()
    monkeypatch.setattr(stream, "stream", written)
    return written


def proven(event: dict[str, Any]) -> dict[str, Any]:
    """As the command line sends it."""
    access = Access("us-east-1", os.environ["AWS_ENDPOINT_URL"])
    event = {"request_id": Context.aws_request_id, **event}
    return event | {"attestation": attest(access, Context.invoked_function_arn, event["request_id"], event)}


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def measured(lines: list[dict[str, Any]]) -> dict[tuple[str, str, str], int]:
    """(metric, dimension, its value) → value of embedded metrics; that they are well-formed is asserted."""
    found = {}
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        ((deployment, dimension),) = directive["Dimensions"]
        (metric,) = directive["Metrics"]
        assert directive["Namespace"] == "BlueGreen/Switch"
        assert (deployment, line["Deployment"]) == ("Deployment", "payments-switch")
        assert metric["Unit"] in ("Milliseconds", "Percent", "Count")
        assert line["_aws"]["Timestamp"] > 1_700_000_000_000
        found[metric["Name"], dimension, line[dimension]] = line[metric["Name"]]
    return found


def test_refusals_are_counted_by_gate(deployed: LivePlatform, log: io.StringIO) -> None:
    deployed.colours.alarm(GREEN, "ALARM")
    deployed.colours.lose_credentials(GREEN)
    with pytest.raises(GatesNotPassedError):
        handler_module.handler(proven({"action": "switch", "target": "green"}), Context())
    found = measured([line for line in lines(log) if line["message"] == "metric"])
    assert {(kind, of): value for (kind, _, of), value in found.items() if kind != "DurationMs"} == {
        ("Refusals", "alarms"): 1,
        ("Refusals", "credentials"): 1,
        ("Weight", "blue"): 100,
        ("Weight", "green"): 0,
    }


def test_handler_answers_and_logs_with_the_request_id(deployed: LivePlatform, log: io.StringIO) -> None:
    answer = handler_module.handler(
        proven({"action": "switch", "target": "green", "reason": "release 42"}), Context()
    )
    assert answer["request_id"] == "8476a536"
    assert deployed.state.active == "green"
    began, done, *metrics = lines(log)
    assert began["message"] == "request"
    assert (began["request_id"], began["action"], began["target"]) == ("8476a536", "switch", "green")
    assert began["by"] == "arn:aws:iam::123456789012:user/operator"
    # Neither the proof nor a session token in it.
    assert "X-Amz" not in log.getvalue()
    assert done["message"] == "done"
    assert (done["action"], done["target"], done["reason"]) == ("switch", "green", "release 42")
    assert done["answer"] == json.loads(json.dumps(answer))
    assert done["duration_ms"] >= 0
    assert began["correlation_id"] == done["correlation_id"] == "8476a536"
    assert measured(metrics) == {
        ("DurationMs", "Action", "switch"): done["duration_ms"],
        ("Weight", "Colour", "blue"): 0,
        ("Weight", "Colour", "green"): 100,
    }


@pytest.mark.usefixtures("deployed")
def test_the_pause_of_the_ledgers_move_is_measured(log: io.StringIO) -> None:
    """Where it went. A move that was refused paused nothing."""
    context = Context(invoked_function_arn=Context.invoked_function_arn.replace(":operate", ":workflow"))
    access = Access("us-east-1", os.environ["AWS_ENDPOINT_URL"])
    for name, outcome in (
        ("one", {"moved": {"writer": "green", "epoch": 8, "pause_ms": 41}}),
        ("two", {"error": "MoveRefusedError", "cause": "{}"}),
    ):
        plan: dict[str, Any] = {"only_ledger": True, "target": "green", "reason": "release 42"}
        plan |= {KEY: attest(access, context.invoked_function_arn, name, plan)}
        begin = {"action": "begin_ledger", "workflow": name, "plan": plan, "ledger": ROW}
        end = {"action": "ledger", "workflow": name, **outcome}
        handler_module.handler(begin, context)
        handler_module.handler(end, context)
    pauses = [line for line in lines(log) if "LedgerPauseMs" in line]
    assert measured(pauses) == {("LedgerPauseMs", "Colour", "green"): 41}


@pytest.mark.usefixtures("deployed")
def test_a_refusal_is_raised_and_logged_once(log: io.StringIO) -> None:
    with pytest.raises(ValidationError):
        handler_module.handler({"action": "shift", "target": "green", "percent": True}, Context())
    line, *metrics = lines(log)
    assert [metric["message"] for metric in metrics] == ["metric"]
    assert (line["level"], line["error"], line["request_id"]) == ("ERROR", "ValidationError", "8476a536")
    assert line["problems"][0]["key"] == "percent"


def test_a_failed_gate_is_raised(deployed: LivePlatform) -> None:
    deployed.register(GREEN, 0)
    with pytest.raises(GatesNotPassedError) as raised:
        handler_module.handler(proven({"action": "switch", "target": "green"}), Context())
    assert json.loads(str(raised.value))["weights"] == {"blue": 100, "green": 0}


@pytest.mark.usefixtures("deployed")
def test_an_incomplete_environment_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_LISTENER_ARN")
    monkeypatch.setenv("MIN_HEALTHY_TARGETS", "0")
    with pytest.raises(ConfigurationError) as raised:
        handler_module.handler({"action": "freeze", "reason": "x"}, Context())
    assert {problem.key for problem in raised.value.problems} == {"TEST_LISTENER_ARN", "MIN_HEALTHY_TARGETS"}


@pytest.mark.usefixtures("deployed")
def test_time_left_comes_from_the_context() -> None:
    with pytest.raises(SwitchError, match="5 s are left"):
        reading.handler({"action": "status"}, Context(milliseconds=5000))


@pytest.mark.usefixtures("deployed")
def test_the_package_runs_alone_and_imports_nothing_of_the_repository(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("switch").path) as archive:
        archive.extractall(tmp_path)
    run = subprocess.run(
        [sys.executable, "-c", _RUN],
        input='{"action": "status"}',
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert result["answer"]["weights"] == {"blue": 100, "green": 0}
    foreign = {"modules", "bluegreen", "bindings", "tests", "pydantic", "cdktf", "moto"}
    assert foreign.isdisjoint(name.split(".")[0] for name in result["modules"])
    # Nor what writes: this is the function that reads.
    writing = {f"lambda_src.switch.{name}" for name in ("effects", "handler", "logic", "writer", "operators")}
    assert writing.isdisjoint(result["modules"])


EVENTS: dict[str, dict[str, Any]] = {
    "status": {},
    "history": {},
    "preflight": {"target": "green"},
    "switch": {"target": "green"},
    "shift": {"target": "green", "percent": 10},
    "rollback": {},
    "reconcile": {},
    "freeze": {"reason": "x"},
    "unfreeze": {},
    "approve": {},
    "abort": {},
    "deploy": {"target": "green", "image": image(2)},
    "deployment": {"workflow": "deploy-1"},
    "begin": {"workflow": "w", "plan": {"target": "green", "steps": [100], "bake_seconds": 0}},
    "ask": {"workflow": "w", "step": 0},
    "verify": {"workflow": "w", "step": 0},
    "finalize": {"workflow": "w"},
    "begin_ledger": {"workflow": "w", "plan": {"only_ledger": True, "target": "green"}, "ledger": ROW},
    "ledger": {"workflow": "w", "error": "MoveRefusedError", "cause": "{}"},
    "shift of a workflow": {"target": "green", "percent": 100, "workflow": "w", "step": 0},
    "rollback of a workflow": {"workflow": "w"},
}
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:payments-switch"
STEPS = {"begin", "ask", "verify", "finalize", "begin_ledger", "ledger"} | {
    "shift of a workflow",
    "rollback of a workflow",
}
LOOKS = {"status", "history", "preflight"}
DEPLOYS = {"deploy", "deployment"}


def admitted(handler: Any, arn: str) -> set[str]:
    """What is not refused for the way by which it came; other refusals don't count."""
    found = set()
    for name, keys in EVENTS.items():
        try:
            handler({"action": name.split()[0], **keys}, Context(invoked_function_arn=arn))
        except NotAdmittedError:
            continue
        except SwitchError:
            pass
        found.add(name)
    return found


@pytest.mark.usefixtures("deployed")
def test_each_way_into_the_switch_admits_its_own_requests() -> None:
    assert set(EVENTS) >= {action.value for action in Action}
    switch = handler_module.handler
    assert admitted(switch, f"{FUNCTION}:operate") == set(EVENTS) - STEPS - LOOKS - DEPLOYS
    assert admitted(switch, f"{FUNCTION}:deploy") == DEPLOYS
    assert admitted(switch, f"{FUNCTION}:workflow") == STEPS
    assert admitted(switch, f"{FUNCTION}:interrupted") == {"rollback of a workflow"}
    assert admitted(reading.handler, f"{FUNCTION}-read") == LOOKS


@pytest.mark.parametrize("qualifier", ["", ":$LATEST", ":7", ":other", ":operate:x"])
def test_no_other_way_leads_in(qualifier: str, deployed: LivePlatform) -> None:
    assert admitted(handler_module.handler, f"{FUNCTION}{qualifier}") == set()
    assert deployed.state.active == "blue"
