"""A move of the ledger as its operator sees it: an execution of the state machine, from its start to its end.

The switch excludes shifts meanwhile and records it, the mover moves it; nothing here does either.
"""

import json
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bluegreen.operate.client import (
    FunctionFailedError,
    OutcomeUnknownError,
    SwitchError,
    SwitchFunction,
    function_failed,
    json_object,
)
from bluegreen.operate.workflow import Execution, ShiftMachine
from lambda_src.contract.aliases import Alias
from lambda_src.contract.attestation import KEY
from lambda_src.contract.workflow import LEDGER_PREFIX

INTERVAL_SECONDS = 0.5
PATIENCE = 20  # looks that fail in a row


def start(switch: SwitchFunction, machine: ShiftMachine, target: str, reason: str) -> str:
    """Begin to move the ledger; the execution's name. Raises SwitchError."""
    name = f"{LEDGER_PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    given: dict[str, Any] = {"only_ledger": True, "target": target}
    given |= {"reason": reason} if reason else {}
    machine.start(name, given | {KEY: switch.attest(Alias.WORKFLOW, name, given)})
    return name


def follow(
    machine: ShiftMachine, name: str, *, pause: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """What the mover answered: `writer`, `epoch`, `pause_ms`. Raises SwitchError: FunctionFailedError where a
    function failed or refused it, OutcomeUnknownError where nothing tells.
    """
    failures = 0
    while True:
        try:
            execution = machine.describe(name)
            failures = 0
        except SwitchError:
            failures += 1
            if failures == PATIENCE:
                raise
        else:
            if not execution.running:
                return _ended(execution)
        pause(INTERVAL_SECONDS)


def _ended(execution: Execution) -> dict[str, Any]:
    if execution.status == "SUCCEEDED":
        moved: dict[str, Any] = json.loads(execution.output or "{}")
        return moved
    failed = json_object(execution.cause or "") or {}
    cause = str(failed.get("Cause") or "")
    if "errorType" in (json_object(cause) or {}):
        raise function_failed(cause)
    if "Error" in failed:
        error = str(failed["Error"])
        raise FunctionFailedError(error, ": ".join(filter(None, (error, cause))), None)
    raise OutcomeUnknownError(f"the execution {execution.name} ended as {execution.status}")
