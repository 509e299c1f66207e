"""Views of a workflow: a shift, step by step, as the function records it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Text

from bluegreen.cli.views.images import short
from bluegreen.cli.views.times import stamp
from bluegreen.operate.shifting.causes import headline
from bluegreen.operate.shifting.durations import words
from lambda_src.contract.workflow import ENDED

Workflow = Mapping[str, Any]


def in_progress(workflow: Workflow) -> bool:
    """Whether it has not ended yet."""
    return workflow["state"] not in ENDED


def workflow_view(workflow: Workflow) -> RenderableType:
    """What `approve` and `abort` answer."""
    return Group(*workflow_lines(workflow))


def workflow_lines(workflow: Workflow) -> list[Text]:
    """Id, state and how far; then what it waits for, or why it ended."""
    state = str(workflow["state"]).replace("_", " ")
    lines = [
        Text(f"{_kind(workflow)} {workflow['id']}: {state}", style="bold"),
        Text(f"  {_leads(workflow)}"),
    ]
    lines += [Text(f"  {line}") for line in _waits(workflow)] if in_progress(workflow) else []
    if workflow["reason"]:
        lines.append(Text(f"  reason: {workflow['reason']}"))
    if abort := workflow["abort"]:
        why = f": {abort['reason']}" if abort["reason"] else ""
        lines.append(
            Text(
                f"  aborted by {abort['by'] or 'an operator'} at {stamp(abort['at'])} UTC{why}",
                style="yellow",
            )
        )
    if workflow["cause"]:
        lines.append(Text(f"  cause: {headline(workflow['cause'])}", style="yellow"))
    if workflow.get("watched") is False and in_progress(workflow):
        late = "its execution has stopped calling; run `bluegreen rollback`"
        lines.append(Text(f"  not watched: {late}", style="yellow"))
    return lines


def _leads(workflow: Workflow) -> str:
    if image := workflow.get("image"):
        return f"{workflow['target']} is to run {short(image)}"
    return f"from {workflow['source']} to {workflow['target']}{_reached(workflow)}"


def _kind(workflow: Workflow) -> str:
    if workflow.get("image"):
        return "Deployment"
    if workflow.get("only_ledger"):
        return "Ledger"
    return "Share" if workflow.get("hold") else "Shift"


def _reached(workflow: Workflow) -> str:
    if workflow.get("only_ledger"):
        return ""
    if workflow.get("hold"):
        return f": {workflow['percent']} %, a held share of {words(workflow['bake_seconds'])}"
    steps = ", ".join(str(step) for step in workflow["steps"])
    return f": {workflow['percent']} % reached, steps {steps}"


def _waits(workflow: Workflow) -> list[str]:
    lines = []
    if workflow["state"] in ("baking", "holding") and workflow["baking_until"]:
        lines.append(f"{workflow['state']} until {stamp(workflow['baking_until'])} UTC")
    if approval := workflow["approval"]:
        lines.append(approval_line(approval, workflow["id"]))
    if workflow["deadline_at"] and not (workflow.get("hold") or workflow.get("only_ledger")):
        lines.append(f"deadline: {stamp(workflow['deadline_at'])} UTC")
    return lines


def approval_line(approval: Mapping[str, Any], name: str) -> str:
    """Who approved, or how to."""
    if approval["approved_by"]:
        return f"{approval['percent']} % approved by {approval['approved_by']}"
    waits = f"{approval['percent']} % waits for approval until {stamp(approval['expires_at'])} UTC"
    return f"{waits}: `bluegreen approve {name}`"
