"""Stands in for the state machine: its states, with the events and endings of its contract."""

import json
from collections.abc import Mapping
from typing import Any

INVOKE = "arn:aws:states:::lambda:invoke"
EVERYTHING = ["States.ALL"]


def definition(function: str) -> str:
    """The states around `function`."""
    states = {
        "Begin": _task(
            function,
            {"action": "begin", "plan.$": "$"},
            {"OutputPath": "$.Payload", "Next": "SelectStep", "Catch": _catch("Refused")},
        ),
        "Refused": _failed("Refused"),
        "SelectStep": {
            "Type": "Pass",
            "Parameters": {
                "percent.$": "States.ArrayGetItem($.percents, $.step)",
                "approval.$": "States.ArrayGetItem($.approvals, $.step)",
            },
            "ResultPath": "$.now",
            "Next": "NeedsApproval",
        },
        "NeedsApproval": _choice(
            {"Variable": "$.now.approval", "BooleanEquals": True}, "AwaitApproval", "Shift"
        ),
        "AwaitApproval": _task(
            function,
            {"action": "ask", "step.$": "$.step", "task_token.$": "$$.Task.Token"},
            {
                "ResultPath": None,
                "TimeoutSecondsPath": "$.approval_timeout_seconds",
                "Next": "Shift",
                "Catch": _catch("RollBack"),
            },
            resource=f"{INVOKE}.waitForTaskToken",
        ),
        "Shift": _task(
            function,
            {"action": "shift", "target.$": "$.target", "percent.$": "$.now.percent", "step.$": "$.step"},
            _baking("Bake", {"wait_seconds.$": "$.Payload.wait_seconds"}),
        ),
        "Bake": {"Type": "Wait", "SecondsPath": "$.bake.wait_seconds", "Next": "Verify"},
        "Verify": _task(
            function,
            {"action": "verify", "step.$": "$.step"},
            _baking("Baked", {"wait_seconds.$": "$.Payload.wait_seconds", "baked.$": "$.Payload.baked"}),
        ),
        "Baked": _choice({"Variable": "$.bake.baked", "BooleanEquals": True}, "Last", "Bake"),
        "Last": _choice({"Variable": "$.step", "NumericEqualsPath": "$.last"}, "Finalize", "Add"),
        "Add": {
            "Type": "Pass",
            "Parameters": {"step.$": "States.MathAdd($.step, 1)"},
            "ResultPath": "$.next",
            "Next": "NextStep",
        },
        "NextStep": {
            "Type": "Pass",
            "InputPath": "$.next.step",
            "ResultPath": "$.step",
            "Next": "SelectStep",
        },
        "Finalize": _task(
            function,
            {"action": "finalize"},
            {"OutputPath": "$.Payload", "Next": "Shifted", "Catch": _catch("RollBack")},
        ),
        "Shifted": {"Type": "Succeed"},
        "RollBack": _task(
            function,
            {"action": "rollback", "cause.$": "States.JsonToString($.error)"},
            {"ResultPath": None, "Next": "RolledBack", "Catch": _catch("RollbackFailed")},
        ),
        "RolledBack": _failed("RolledBack"),
        "RollbackFailed": _failed("RollbackFailed"),
        "Superseded": _failed("Superseded"),
    }
    return json.dumps({"StartAt": "Begin", "States": states})


def _task(
    function: str, payload: Mapping[str, Any], more: Mapping[str, Any], resource: str = INVOKE
) -> dict[str, Any]:
    given = {"workflow.$": "$$.Execution.Name", **payload}
    return {
        "Type": "Task",
        "Resource": resource,
        "Parameters": {"FunctionName": function, "Payload": given},
        **more,
    }


def _baking(following: str, selected: Mapping[str, str]) -> dict[str, Any]:
    lost = {"ErrorEquals": ["LockLostError"], "ResultPath": "$.error", "Next": "Superseded"}
    catch = [lost, *_catch("RollBack")]
    return {"ResultSelector": selected, "ResultPath": "$.bake", "Next": following, "Catch": catch}


def _choice(rule: Mapping[str, Any], then: str, otherwise: str) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{**rule, "Next": then}], "Default": otherwise}


def _failed(error: str) -> dict[str, Any]:
    return {"Type": "Fail", "Error": error, "CausePath": "States.JsonToString($.error)"}


def _catch(following: str) -> list[dict[str, Any]]:
    return [{"ErrorEquals": EVERYTHING, "ResultPath": "$.error", "Next": following}]
