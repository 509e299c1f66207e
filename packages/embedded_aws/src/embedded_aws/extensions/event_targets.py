"""Stock moto can't send an event to a function, a topic or a state machine: who puts it gets status 500.

It also leaves text in an input template without the quotes that AWS gives it.
"""

import copy
import json
import re
import time
from collections.abc import Callable
from typing import Any

from jsonpath_ng.ext.parser import parse as parse_path
from moto.events.models import Rule
from moto.utilities.arns import parse_arn

from embedded_aws.clients import Credentials, boto_client
from embedded_aws.extensions import Server, replace

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
# What matters of a template: an escaped character, a quote, or the name of a variable.
TEMPLATE_PART = re.compile(r'\\.|"|<([^<>\s]+)>')


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
                _deliver(server, target, event)

    replace(Rule, "send_to_targets", send_to_targets)


def _service(target: dict[str, Any]) -> str:
    service: str = parse_arn(target["Arn"]).service
    return service


def _deliver(server: Server, target: dict[str, Any], event: Any) -> None:
    service, operation, arguments = DELIVERIES[_service(target)]
    client = boto_client(
        service, server.endpoint, _credentials(server, target), parse_arn(target["Arn"]).region
    )
    getattr(client, operation)(**arguments(target["Arn"], _body(target, event)))


def _credentials(server: Server, target: dict[str, Any]) -> Credentials:
    """Of the target's role, where it has one; a function and a topic allow EventBridge itself.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    """
    if role := target.get("RoleArn"):
        where = parse_arn(role)
        return server.keys.of_role(where.account, parse_arn(target["Arn"]).region, role, "events")
    return server.keys.of_service("events.amazonaws.com")


def _body(target: dict[str, Any], event: Any) -> str:
    """What the target gets: its own constant, its template filled in, or the event as AWS would send it."""
    if "Input" in target:
        return str(target["Input"])
    transformer = target.get("InputTransformer")
    if transformer:
        return _filled(transformer["InputTemplate"], transformer.get("InputPathsMap", {}), event)
    sent = {name: value for name, value in event.items() if name != "ingestion-time"}
    return json.dumps(sent | {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(float(event["time"])))})


def _filled(template: str, paths: dict[str, str], event: Any) -> str:
    """The template with its variables: JSON where one stands alone, its text where it is part of a string.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
    """
    values = {name: [match.value for match in parse_path(path).find(event)] for name, path in paths.items()}
    in_text = False

    def fill(part: re.Match[str]) -> str:
        nonlocal in_text
        if part[0] == '"':
            in_text = not in_text
        if part[1] not in values:
            return part[0]
        value = next(iter(values[part[1]]), None)
        as_json = json.dumps(value)
        if not in_text:
            return as_json
        return as_json[1:-1] if isinstance(value, str) else json.dumps(as_json)[1:-1]

    return json.dumps(json.loads(TEMPLATE_PART.sub(fill, template)))
