"""Shifts that end other than by their own states, and what the switch function is then told.

Source: Step Functions developer guide, "Automating Step Functions event delivery with EventBridge";
EventBridge user guide, "Input transformation".
"""

from collections.abc import Mapping
from typing import Any

from lambda_src.contract.workflow import Ending

INPUT_PATHS = {"status": "$.detail.status", "workflow": "$.detail.name"}
INPUT_TEMPLATE = '{"action": "rollback", "workflow": <workflow>, "cause": <status>}'


def interruptions(state_machine_arn: str) -> Mapping[str, Any]:
    """The event pattern: executions that were stopped, ran out of time, or failed with an error that is none
    of their states' (one that no state can catch, or the end of an execution's history at 25,000 events).
    """
    endings = [
        {"status": ["ABORTED", "TIMED_OUT"]},
        {"status": ["FAILED"], "error": [{"anything-but": list(Ending)}]},
    ]
    return {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [state_machine_arn], "$or": endings},
    }
