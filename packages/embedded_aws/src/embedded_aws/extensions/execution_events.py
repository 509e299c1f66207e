"""Stock moto tells nobody how an execution is doing; Step Functions tells EventBridge.

https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

import json
import logging
import time
import uuid
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.stepfunctions.parser.backend.execution import Execution

log = logging.getLogger(__name__)


def announce(execution: Execution, status: str) -> None:
    """Send the event of a status to the rules of the default bus. What can't be delivered is logged."""
    # Imported here: it takes a while to load, and most executions have nobody to tell.
    from moto.events.models import events_backends  # noqa: PLC0415

    bus = events_backends[execution.account_id][execution.region_name].event_buses.get("default")
    for rule in list(bus.rules.values()) if bus else []:
        if rule.state == "ENABLED" and rule.event_pattern.get_pattern():
            try:
                rule.send_to_targets(_event(execution, status))
            except (BotoCoreError, ClientError) as error:
                log.warning("%s of %s did not reach a target: %s", status, execution.exec_arn, error)


def _event(execution: Execution, status: str) -> Any:
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
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": execution.account_id,
        "time": time.time(),
        "ingestion-time": time.time(),
        "region": execution.region_name,
        "resources": [execution.exec_arn],
        "detail": detail,
    }


def _milliseconds(when: datetime | None) -> int | None:
    return int(when.timestamp() * 1000) if when else None
