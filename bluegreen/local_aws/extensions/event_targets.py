"""Stock moto can't send an event to a function, a topic or a state machine: who puts it gets status 500."""

import copy
import json
import time
from collections.abc import Callable
from typing import Any

from moto.events.models import Rule
from moto.events.utils import EventTemplateParser
from moto.utilities.arns import parse_arn

from bluegreen.local_aws.extensions import Server, replace
from bluegreen.local_aws.handle import boto_client

# Service of the target's ARN → client, operation, and its arguments from ARN and JSON.
DELIVERIES: dict[str, tuple[str, str, Callable[[str, str], dict[str, str]]]] = {
    "lambda": (
        "lambda",
        "invoke",
        lambda arn, body: {"FunctionName": arn, "InvocationType": "Event", "Payload": body},
    ),
    "sns": ("sns", "publish", lambda arn, body: {"TopicArn": arn, "Message": body}),
    "states": ("stepfunctions", "start_execution", lambda arn, body: {"stateMachineArn": arn, "input": body}),
}


def install(server: Server) -> None:
    """Extend moto's event buses."""

    def send_to_targets(
        stock: Callable[..., None], rule: Rule, event: Any, transform_input: bool = True
    ) -> None:
        ours = [target for target in rule.targets if _service(target) in DELIVERIES]
        rest = copy.copy(rule)
        rest.targets = [target for target in rule.targets if target not in ours]
        stock(rest, event, transform_input)
        if rule.event_pattern.matches_event(event):
            for target in ours:
                _deliver(server.endpoint, target, event)

    replace(Rule, "send_to_targets", send_to_targets)


def _service(target: dict[str, Any]) -> str:
    service: str = parse_arn(target["Arn"]).service
    return service


def _deliver(endpoint: str, target: dict[str, Any], event: Any) -> None:
    service, operation, arguments = DELIVERIES[_service(target)]
    client = boto_client(service, endpoint, parse_arn(target["Arn"]).region)
    getattr(client, operation)(**arguments(target["Arn"], _body(target, event)))


def _body(target: dict[str, Any], event: Any) -> str:
    """What the target gets: its own constant, its template filled in, or the event as AWS would send it."""
    if "Input" in target:
        return str(target["Input"])
    transformer = target.get("InputTransformer")
    if transformer:
        paths = transformer.get("InputPathsMap", {})
        return json.dumps(EventTemplateParser.parse(transformer["InputTemplate"], paths, event))
    sent = {name: value for name, value in event.items() if name != "ingestion-time"}
    return json.dumps(sent | {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(float(event["time"])))})
