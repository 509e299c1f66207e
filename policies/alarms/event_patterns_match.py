"""An event pattern matches events that there are."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from stack_gate.stack import Block, Stack, objects, strings

from policies._accounts import Accounts
from policies._policy import StackPolicy

RULE = "aws_cloudwatch_event_rule"
_TRAIL = frozenset({"AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"})
# Source → its detail types. Sources: EventBridge events reference; the services' pages on EventBridge.
_DETAIL_TYPES: Mapping[str, frozenset[str]] = {
    "aws.backup": frozenset({
        "Backup Job State Change", "Backup Plan State Change", "Backup Vault State Change",
        "Copy Job State Change", "Recovery Point State Change", "Region Setting State Change",
        "Report Job State Change", "Restore Job State Change",
    }),
    "aws.ecs": frozenset({
        "ECS Container Instance State Change", "ECS Deployment State Change", "ECS Service Action",
        "ECS Task State Change",
    }),
    "aws.elasticloadbalancing": frozenset(),
    "aws.health": frozenset({"AWS Health Abuse Event", "AWS Health Event"}),
    "aws.iam": frozenset(),
    "aws.kms": frozenset({
        "KMS CMK Deletion", "KMS CMK Rotation", "KMS Imported Key Material Expiration",
    }),
    "aws.rds": frozenset({
        "RDS Blue Green Deployment Event", "RDS DB Cluster Event", "RDS DB Cluster Snapshot Event",
        "RDS DB Instance Event", "RDS DB Parameter Group Event", "RDS DB Proxy Event",
        "RDS DB Security Group Event", "RDS DB Snapshot Event",
    }),
    "aws.secretsmanager": frozenset(),
    "aws.states": frozenset({"Step Functions Execution Status Change"}),
}  # fmt: skip
# Field of `detail` → how AWS writes it.
_FORMS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(form)
    for name, form in {
        "EventCategories": r"[a-z]+(?: [a-z]+){0,3}",
        "eventName": r"[A-Z][A-Za-z0-9_]{1,63}",
        "eventSource": r"[a-z0-9-]+\.amazonaws\.com",
        "eventType": r"ERROR|INFO|WARN",
        "eventTypeCategory": r"accountNotification|investigation|issue|scheduledChange",
        "state": r"[A-Z][A-Z_]{1,30}",
        "status": r"[A-Z][A-Z_]{1,30}",
    }.items()
}
# EventBridge user guide, "Comparison operators in event patterns".
_OPERATORS = frozenset({
    "anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard",
})  # fmt: skip


class EventPatternsMatch(StackPolicy):
    policy = "CKV2_BG_455"
    title = "Each event pattern is well-formed, and names events that AWS sends"
    requirement = "R05"
    pci = "10.7.2"
    severity = "MEDIUM"
    yields = True
    why = "EventBridge refuses it, or no event ever matches, and nobody is notified"
    fix = "write source, detail-type and detail as the service's page on EventBridge has them"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        accounts = stack.derived(Accounts)
        for rule in stack.resources(RULE):
            pattern = _decoded(rule.get("event_pattern"))
            if isinstance(pattern, str):
                yield rule, "has an event_pattern that is no JSON object"
            if not isinstance(pattern, dict):
                continue
            yield from ((rule, what) for what in [*_malformed(pattern, ""), *_unsent(pattern)])
            for text in strings(pattern.get("resources")):
                if "${" not in text and not text.startswith("arn:"):
                    yield rule, f"has the resource {text}, which is no ARN"
            for text in strings(pattern):
                for account in accounts.strangers(text):
                    yield rule, f"names what is of the account {account}"


def _decoded(value: Any) -> Any:
    """The pattern; None where it is an expression or absent, a text where it is no object."""
    if not isinstance(value, str) or value.startswith("${"):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, dict) else value


def _malformed(value: Any, path: str) -> Iterator[str]:
    """Source: EventBridge user guide, "Event patterns": objects, and lists of values at their ends."""
    if isinstance(value, dict):
        if not value:
            yield f"has nothing in {path or 'its pattern'}"
        for key, inner in value.items():
            yield from _malformed(inner, f"{path}.{key}" if path else key)
    elif not isinstance(value, list) or not value:
        yield f"has no list of values in {path}"
    elif path.rpartition(".")[2] == "$or":
        for inner in value:
            yield from _malformed(inner, path.removesuffix(".$or"))
    else:
        for item in value:
            operators = [key for entry in objects(item) for key in entry]
            if isinstance(item, dict) and (
                len(operators) != 1 or operators[0] not in _OPERATORS or item[operators[0]] in ([], {}, "")
            ):
                yield f"has the comparison {json.dumps(item)[:100]} in {path}"
            elif item == "*":
                yield f"has * in {path}, which matches a star alone"


def _unsent(pattern: dict[str, Any]) -> Iterator[str]:
    sources = [text for text in strings(pattern.get("source")) if text in _DETAIL_TYPES]
    for text in strings(pattern.get("source")):
        if text.startswith("aws.") and not re.fullmatch(r"aws\.[a-z0-9]+", text):
            yield f"has the source {text}"
    known = _TRAIL.union(*(_DETAIL_TYPES[source] for source in sources))
    if sources and len(sources) == len(strings(pattern.get("source"))):
        for text in strings(pattern.get("detail-type")):
            if text not in known:
                yield f"has the detail-type {text}, which {' and '.join(sources)} does not send"
    yield from _in_other_words(pattern.get("detail"))


def _in_other_words(value: Any) -> Iterator[str]:
    for body in objects(value):
        for key, inner in body.items():
            form = _FORMS.get(key)
            for item in inner if isinstance(inner, list) and form else ():
                if isinstance(item, str) and "${" not in item and form and not form.fullmatch(item):
                    yield f"has {key} {item}"
            yield from _in_other_words(inner)


check = EventPatternsMatch()
