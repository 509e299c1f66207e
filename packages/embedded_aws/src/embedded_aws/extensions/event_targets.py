"""Stock moto can't send an event to a function, a topic or a state machine: who puts it gets status 500.

It also asks no queue whether EventBridge may send to it, knows no dead-letter queues of targets, and leaves
text in an input template without the quotes that AWS gives it. A delivery that is denied isn't repeated:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

import copy
import json
import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from jsonpath_ng.ext.parser import parse as parse_path
from moto.events.models import Rule, events_backends
from moto.utilities.arns import parse_arn

from embedded_aws.access.refusals import Denied
from embedded_aws.authorisation.checks import Check
from embedded_aws.clients import Credentials, boto_client
from embedded_aws.extensions import Server, replace
from embedded_aws.handle import ACCOUNT_ID, LocalAwsError
from iam_evaluation import Caller

log = logging.getLogger(__name__)

PRINCIPAL = "events.amazonaws.com"
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
QUEUES = "sqs"
# What matters of a template: an escaped character, a quote, or the name of a variable.
TEMPLATE_PART = re.compile(r'\\.|"|<([^<>\s]+)>')


def install(server: Server) -> None:
    """Extend moto's event buses."""

    def send_to_targets(
        stock: Callable[..., None], rule: Rule, event: Any, transform_input: bool = True
    ) -> None:
        ours = [target for target in rule.targets if _service(target) in (*DELIVERIES, QUEUES)]
        rest = copy.copy(rule)
        rest.targets = [
            target for target in rule.targets if target not in ours and _may_log(server, rule, target)
        ]
        stock(rest, event, transform_input)
        if rule.event_pattern.matches_event(event):
            for target in ours:
                _deliver(server, rule, target, event)

    replace(Rule, "send_to_targets", send_to_targets)


def run_schedule(server: Server, name: str) -> list[str]:
    """The server's part of `rehearsal.run_schedule`."""
    region = server.region
    bus = events_backends[ACCOUNT_ID][region].event_buses["default"]
    rule = bus.rules.get(name)
    if rule is None or not rule.scheduled_expression:
        raise LocalAwsError(f"no rule {name} with a schedule: `aws events list-rules` shows those that exist")
    if rule.state != "ENABLED":
        return []
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT_ID,
        "time": time.time(),
        "region": region,
        "resources": [rule.arn],
        "detail": {},
    }
    for target in rule.targets:
        _deliver(server, rule, target, event)
    return [target["Arn"] for target in rule.targets]


def _service(target: dict[str, Any]) -> str:
    service: str = parse_arn(target["Arn"]).service
    return service


def _may_log(server: Server, rule: Rule, target: dict[str, Any]) -> bool:
    """https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html"""
    if _service(target) != "logs":
        return True
    stream = f"{target['Arn'].removesuffix(':*')}:log-stream:{rule.name}"
    check = Check(Caller.service(PRINCIPAL), "logs:PutLogEvents", stream, {"aws:SourceArn": rule.arn})
    return server.authority.allows(check, f"event of {rule.name}")


def _deliver(server: Server, rule: Rule, target: dict[str, Any], event: Any) -> None:
    """What can't be delivered is a dead letter, where the target has a queue for them."""
    body = _body(target, event)
    try:
        _send(server, rule, target, body)
    except (ClientError, Denied) as error:
        log.warning("%s did not reach %s: %s", rule.name, target["Arn"], error)
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        if queue:
            try:
                _send(server, rule, {"Arn": queue}, json.dumps(event, default=str))
            except ClientError as lost:
                log.warning("nor did it reach %s: %s", queue, lost)


def _send(server: Server, rule: Rule, target: dict[str, Any], body: str) -> None:
    arn = target["Arn"]
    where = parse_arn(arn)
    credentials = _credentials(server, rule, target)
    if where.service == QUEUES:
        client = boto_client("sqs", server.endpoint, credentials, where.region)
        url = f"{server.endpoint}/{where.account}/{where.resource_id}"
        group = target.get("SqsParameters", {})
        client.send_message(QueueUrl=url, MessageBody=body, **group)
        return
    service, operation, arguments = DELIVERIES[where.service]
    client = boto_client(service, server.endpoint, credentials, where.region)
    getattr(client, operation)(**arguments(arn, body))


def _credentials(server: Server, rule: Rule, target: dict[str, Any]) -> Credentials:
    """Of the target's role, where it has one; else EventBridge's own, with what it sends to such a target.

    A topic gets neither ARN nor account, a function the rule's ARN alone.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    """
    where = parse_arn(target["Arn"])
    if role := target.get("RoleArn"):
        return server.assume(PRINCIPAL, role, where.region, "events")
    context = {} if where.service == "sns" else {"aws:SourceArn": rule.arn}
    if where.service == QUEUES:
        context["aws:SourceAccount"] = where.account
    return server.keys.of_service(PRINCIPAL, context)


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
