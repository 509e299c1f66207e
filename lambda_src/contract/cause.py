"""Why a workflow ended, as one sentence: what Step Functions and Lambda hand over, parsed once.

A failed task's cause is a JSON document inside others: `{"Error", "Cause"}` of Step Functions, whose cause is
Lambda's `{"errorType", "errorMessage", "stackTrace"}`, whose message is a SwitchError's JSON (errors.py), or
the text of an exception that the function didn't handle. An event rule hands over the execution's status.
Sources: Step Functions developer guide, "Handling errors"; Lambda developer guide, "Python exceptions".
"""

from __future__ import annotations

import json
from typing import Any

SENTENCE_LIMIT = 400
# Each level that is known holds the next one; a document that goes deeper is no cause.
_LEVELS = 4
_STATUS = {
    "ABORTED": "the execution was stopped (StopExecution)",
    "FAILED": "the execution failed by an error that no state handles",
    "TIMED_OUT": "the execution ran longer than its state machine allows",
}
# Cause of a rollback that an event rule asks for: the status of the execution that ended.
ENDINGS = tuple(_STATUS)
_TIMEOUT = "a call of the switch function took longer than its state allows"


def sentence(raw: str) -> str:
    """One printable line, of SENTENCE_LIMIT characters at most; empty only where `raw` says nothing."""
    text = " ".join(_read(raw, _LEVELS).split())
    shown = "".join(character if character.isprintable() else "?" for character in text)
    return shown if len(shown) <= SENTENCE_LIMIT else f"{shown[: SENTENCE_LIMIT - 1]}…"


def _read(raw: str, levels: int) -> str:
    document = _object(raw) if levels else None
    if document is None:
        return _STATUS.get(raw) or _last_line(raw)
    if isinstance(document.get("what"), str):
        return _last_line(document["what"])
    if "errorType" in document or "errorMessage" in document:
        return _of_lambda(document, levels)
    if "Error" in document:
        return _of_step_functions(document, levels)
    return _last_line(raw)


def _of_lambda(document: dict[str, Any], levels: int) -> str:
    message = str(document.get("errorMessage") or "")
    if _object(message) is not None:
        return _read(message, levels - 1)
    kind = _last_line(str(document.get("errorType") or ""))
    return f"the switch function failed: {_joined(kind, _last_line(message))}"


def _of_step_functions(document: dict[str, Any], levels: int) -> str:
    error, cause = _last_line(str(document["Error"])), str(document.get("Cause") or "")
    if _object(cause) is not None:
        return _read(cause, levels - 1)
    if error == "States.Timeout":
        return _joined(_TIMEOUT, _last_line(cause))
    return _joined(error, _last_line(cause))


def _joined(*parts: object) -> str:
    return ": ".join(str(part) for part in parts if part)


def _last_line(text: str) -> str:
    """Of a traceback the line that names the exception; of other text the first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    return lines[-1] if lines[0].startswith("Traceback (") else lines[0]


def _object(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
