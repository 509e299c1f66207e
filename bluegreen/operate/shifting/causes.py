"""Why a shift failed: what Step Functions hands on of an error, in words again.

The state machine passes a failure on as JSON, `{"Error", "Cause"}`, whose cause is what Lambda answered where
the switch function raised.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bluegreen.operate.client import function_failed, json_object

SHOWN = 300  # of a text that is none of these: the function cuts long ones


def read(cause: str) -> tuple[str, Sequence[Mapping[str, Any]]]:
    """The cause in words, and the gates' verdicts where it is a refusal of theirs."""
    found = json_object(cause)
    if found is None:
        return cause if len(cause) <= SHOWN else f"{cause[:SHOWN]}…", ()
    if "errorType" in found:
        failure = function_failed(cause)
        return str(failure), failure.gates
    if "Error" not in found:
        return cause, ()
    inner = str(found.get("Cause") or "")
    if "errorType" in (json_object(inner) or {}):
        return read(inner)
    return ": ".join(filter(None, (str(found["Error"]), inner))), ()


def headline(cause: str) -> str:
    """The first line of it."""
    return read(cause)[0].partition("\n")[0]
