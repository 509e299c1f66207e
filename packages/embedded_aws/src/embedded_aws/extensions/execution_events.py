"""Stock moto tells nobody how an execution is doing; Step Functions tells EventBridge.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

import json
from datetime import datetime

from moto.stepfunctions.parser.backend.execution import Execution

from embedded_aws.extensions import service_events


def announce(execution: Execution, status: str) -> None:
    """Send the event of a status to the rules of the default bus. What can't be delivered is logged."""
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine.arn,
        "name": execution.name,
        "status": str(getattr(status, "value", status)),
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        "input": json.dumps(execution.input_data),
        "inputDetails": {"included": True},
        "output": None if execution.output is None else json.dumps(execution.output),
        "outputDetails": None if execution.output is None else {"included": True},
        "error": execution.error,
        "cause": execution.cause,
    }
    encryption = getattr(execution.state_machine, "encryptionConfiguration", {})
    if encryption.get("type") == "CUSTOMER_MANAGED_KMS_KEY":
        # Step Functions developer guide, "Data at rest encryption in Step Functions".
        for hidden in ("input", "inputDetails", "output", "outputDetails", "error", "cause"):
            detail[hidden] = None
    place = execution.account_id, execution.region_name
    kind = "Step Functions Execution Status Change"
    service_events.announce("aws.states", kind, place, [execution.exec_arn], detail)


def _milliseconds(when: datetime | None) -> int | None:
    return int(when.timestamp() * 1000) if when else None
