"""Which colours' databases may be the ledger's writer, as the plan tells: Terraform has read the record.

The writer is independent of the traffic. The record is no more than that: where it names no colour (a move is
in progress, or none was recorded), both databases are protected.
"""

import json
from collections.abc import Iterable

from stack_gate.plan.document import Plan
from stack_gate.plan.traffic import variables
from stack_gate.stack import COLOURS

# Of the environment of the switch function, and what it says where there is no ledger.
PARAMETER, NONE = "LEDGER_PARAM_NAME", "none"


def writers(plan: Plan) -> frozenset[str]:
    """The colours to be left alone; none without a ledger."""
    existing = [change for change in plan.changes if change.exists]
    names = {value for name, value in variables(existing) if name == PARAMETER} - {NONE}
    if not names:
        return frozenset()
    records = [
        change.before.get("insecure_value") or change.before.get("value")
        for change in existing
        if change.type == "aws_ssm_parameter" and change.before.get("name") in names
    ]
    return written(records)


def written(records: Iterable[object]) -> frozenset[str]:
    """Of the texts of the records: the one writer that they name, else both colours."""
    named = {_writer(text) for text in records}
    return frozenset(named) if len(named) == 1 and named <= set(COLOURS) else frozenset(COLOURS)


def _writer(text: object) -> str:
    try:
        return str(json.loads(str(text))["writer"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
