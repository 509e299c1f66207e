"""Stock moto writes no log of executions; Step Functions has CloudWatch Logs deliver their history.

It tries the delivery when a state machine is made or changed. Here the history of an execution is delivered
when it has ended; Step Functions does it as it goes on.
https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from moto.core.exceptions import AWSError
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from embedded_aws.authorisation.dependents import NO_LOG, log_uses
from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.log_deliveries import open_delivery, vended, write

# Level → endings of the types of events that it has.
LEVELS: Mapping[str, tuple[str, ...]] = {
    "ALL": ("",),
    "ERROR": ("Aborted", "Failed", "TimedOut"),
    "FATAL": ("ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"),
    "OFF": (),
}
DATA = ("input", "inputDetails", "output", "outputDetails", "parameters")


def install(server: Server) -> None:
    """Extend moto's state machines: on their creation and change the delivery is tried."""
    for operation in ("create_state_machine", "update_state_machine"):
        replace(StepFunctionsParserBackend, operation, partial(_try, server))


def _try(server: Server, stock: Callable[..., Any], backend: Any, *args: Any, **settings: Any) -> Any:
    found = settings.get("loggingConfiguration") or settings.get("logging_configuration") or {}
    group = _group(found)
    if group and not open_delivery(server, backend.account_id, group, "CreateLogDelivery"):
        raise AWSError(NO_LOG, "AccessDeniedException")
    return stock(backend, *args, **settings)


def _group(configuration: Mapping[str, Any]) -> str:
    """The ARN of the log group; empty where there is no log."""
    destinations = configuration.get("destinations") or ()
    if configuration.get("level", "OFF") == "OFF" or not destinations:
        return ""
    return str(destinations[0]["cloudWatchLogsLogGroup"]["logGroupArn"]).removesuffix(":*")


def deliver(server: Server, execution: Any) -> None:
    """The history of an execution that has ended, as far as its level goes."""
    machine = execution.state_machine
    configuration = machine.loggingConfiguration or {}
    group, purpose = _group(configuration), f"log of {execution.exec_arn}"
    if not group:
        return
    endings, with_data = LEVELS[configuration["level"]], bool(configuration.get("includeExecutionData"))
    events = json.loads(json.dumps(execution.to_history_output()["events"], default=str))
    lines = [_line(execution, event, with_data) for event in events if event["type"].endswith(endings)]
    region, account = machine.arn.split(":")[3:5]
    key = (machine.encryptionConfiguration or {}).get("kmsKeyId", "")
    uses = log_uses(key, machine.roleArn, region)
    if lines and all(server.authority.allows(check, purpose) for check in uses):
        minute = f"{datetime.now(UTC):%Y-%m-%d-%H-%M}"
        stream = f"states/{machine.name}/{minute}/{execution.name[:8]}"
        write(server, vended(account, region, purpose), group, stream, lines)


def _line(execution: Any, event: Mapping[str, Any], with_data: bool) -> str:
    details: dict[str, Any] = next((value for key, value in event.items() if key.endswith("Details")), {})
    kept = {key: value for key, value in details.items() if with_data or key not in DATA}
    line = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": kept,
        "previous_event_id": str(event.get("previousEventId", 0)),
        "event_timestamp": str(int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000)),
        "execution_arn": execution.exec_arn,
    }
    return json.dumps(line)
