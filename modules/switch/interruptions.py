"""Shifts that did not succeed, and what the switch function is then asked.

Source: Step Functions developer guide, "Automating Step Functions event delivery with EventBridge";
EventBridge user guide, "Input transformation".
"""

from collections.abc import Mapping
from typing import Any

INPUT_PATHS = {"status": "$.detail.status", "workflow": "$.detail.name"}
INPUT_TEMPLATE = '{"action": "rollback", "workflow": <workflow>, "cause": <status>}'


def interruptions(state_machine_arn: str) -> Mapping[str, Any]:
    """The event pattern: executions that failed, were stopped, or ran out of time.

    By their status alone: events of a state machine under a customer managed key carry neither error nor
    cause. The function finds nothing to roll back where the states have ended the shift themselves. Source:
    Step Functions developer guide, "Data at rest encryption in Step Functions".
    """
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [state_machine_arn], "status": ["ABORTED", "FAILED", "TIMED_OUT"]},
    }
