"""Literal output of a workflow."""

import json

from bluegreen.cli.views.workflow import workflow_view
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import APPROVAL, BY, workflow

CAUSE = json.dumps({"Error": "GatesNotPassedError", "Cause": "alarms"})
APPROVED = APPROVAL | {"approved_by": BY}
ABORT = {"by": BY, "reason": "no", "at": "2026-11-25T17:31:00.000Z"}


def test_baking() -> None:
    assert (
        rendered(workflow_view(workflow()))
        == """\
Shift shift-1: baking
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  baking until 2026-11-25 17:40:00 UTC
  deadline: 2026-11-25 20:00:00 UTC
  reason: release 42"""
    )


def test_waiting_for_a_person() -> None:
    assert (
        rendered(workflow_view(workflow(state="waiting_for_approval", approval=APPROVAL, baking_until=None)))
        == """\
Shift shift-1: waiting for approval
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  50 % waits for approval until 2026-11-25 18:30:00 UTC: `bluegreen approve shift-1`
  deadline: 2026-11-25 20:00:00 UTC
  reason: release 42"""
    )


def test_approved() -> None:
    assert (
        rendered(
            workflow_view(workflow(state="running", approval=APPROVAL | {"approved_by": BY}, reason=None))
        )
        == """\
Shift shift-1: running
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  50 % approved by arn:aws:sts::123456789012:assumed-role/operators/ann
  deadline: 2026-11-25 20:00:00 UTC"""
    )


def test_aborting() -> None:
    assert (
        rendered(workflow_view(workflow(state="aborting", reason=None, abort=ABORT)))
        == """\
Shift shift-1: aborting
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  deadline: 2026-11-25 20:00:00 UTC
  aborted by arn:aws:sts::123456789012:assumed-role/operators/ann at 2026-11-25 17:31:00 UTC: no"""
    )


def test_ended() -> None:
    assert (
        rendered(workflow_view(workflow(state="rolled_back", cause=CAUSE)))
        == """\
Shift shift-1: rolled back
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  reason: release 42
  cause: GatesNotPassedError: alarms"""
    )
