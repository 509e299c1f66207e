"""Shifts that did not end as they should, as Step Functions counts them.

Source: Step Functions developer guide, "Monitoring Step Functions metrics using Amazon CloudWatch".
"""

from cdktf_cdktf_provider_aws.sfn_state_machine import SfnStateMachine

from modules.observability.alarm import Alarm, Metric

ENDINGS = ("ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut")


def workflow_alarms(state_machine: SfnStateMachine) -> list[Alarm]:
    """An execution failed, was stopped, ran out of time, or could not go on. One is enough."""
    said = "`bluegreen history` says why."
    return [
        _alarm(
            state_machine,
            "ExecutionsFailed",
            name="shift-failed",
            what="A shift was refused, was rolled back, or could not be rolled back.",
            fix=f"`bluegreen status` shows where the traffic is, {said} If it is split, run "
            "`bluegreen rollback`.",
        ),
        _alarm(
            state_machine,
            "ExecutionsAborted",
            name="shift-stopped",
            what="An operator stopped a shift in Step Functions, which rolls nothing back.",
            fix="An event rule has the switch function do that: check with `bluegreen status`. Use "
            "`bluegreen abort` instead.",
        ),
        _alarm(
            state_machine,
            "ExecutionsTimedOut",
            name="shift-timed-out",
            what="A shift took longer than any plan allows.",
            fix=f"An event rule has it rolled back: check with `bluegreen status`; {said}",
        ),
        _alarm(
            state_machine,
            "ExecutionThrottled",
            name="shift-throttled",
            what="Step Functions delays shifts: the account makes more state transitions than its quota.",
            fix="The traffic stays where it is meanwhile. Find the state machine that is so busy, or raise "
            "the quota.",
        ),
    ]


def endings(state_machine: SfnStateMachine) -> dict[str, Metric]:
    """How many executions ended how, by the name of the metric, for the dashboard."""
    return {name: execution_metric(state_machine, name) for name in ENDINGS}


def execution_metric(state_machine: SfnStateMachine, name: str) -> Metric:
    """A count that Step Functions publishes for the state machine."""
    return Metric(
        namespace="AWS/States",
        name=name,
        dimensions={"StateMachineArn": state_machine.arn},
        statistic="Sum",
        period=300,
    )


def _alarm(state_machine: SfnStateMachine, metric: str, *, name: str, what: str, fix: str) -> Alarm:
    return Alarm(
        name=name,
        measure=execution_metric(state_machine, metric),
        threshold=0,
        unit="Count",
        what=what,
        fix=fix,
    )
