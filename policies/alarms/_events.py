"""Event rules: their patterns, and the events of which operators have to be told."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stack_gate.stack import Block, objects, strings

RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
_KINDS = ("EventCategories", "eventName", "eventType", "eventTypeCategory", "state", "status")


@dataclass(frozen=True)
class Event:
    """What a rule has to ask for: a source's detail type, with one of the words in its detail."""

    what: str
    source: str
    detail_type: str
    words: frozenset[str]

    def __str__(self) -> str:
        return f"{self.source}: {self.detail_type}, {' or '.join(sorted(self.words))}"


def _event(what: str, source: str, detail_type: str, *words: str) -> Event:
    return Event(what, source, detail_type, frozenset(words))


_CALL, _OF_SERVICE = "AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"
# Sources: Aurora user guide, "Amazon RDS event categories"; ECS, Secrets Manager, AWS Backup, Step Functions
# and AWS Health guides, pages on EventBridge; API references for the calls.
OF: Mapping[str, tuple[Event, ...]] = {
    "aws_backup_vault": (
        _event("failed backups", "aws.backup", "Backup Job State Change", "FAILED"),
        _event("changes of the vault", "aws.backup", _CALL, "DeleteRecoveryPoint", "DeleteBackupVault"),
    ),
    "aws_ecs_service": (
        _event("failed deployments", "aws.ecs", "ECS Deployment State Change", "SERVICE_DEPLOYMENT_FAILED"),
        _event("tasks that it can't start", "aws.ecs", "ECS Service Action", "ERROR", "WARN"),
    ),
    "aws_kms_key": (_event("its deletion", "aws.kms", _CALL, "DisableKey", "ScheduleKeyDeletion"),),
    "aws_lb_listener": (
        _event("changes by others than the switch", "aws.elasticloadbalancing", _CALL, "ModifyListener"),
    ),
    "aws_rds_cluster": (
        _event("failovers", "aws.rds", "RDS DB Cluster Event", "failover"),
        _event("failures", "aws.rds", "RDS DB Cluster Event", "failure", "availability"),
        _event("changes of it", "aws.rds", "RDS DB Cluster Event", "configuration change", "deletion"),
    ),
    "aws_secretsmanager_secret": (
        _event("failed rotations", "aws.secretsmanager", _OF_SERVICE, "RotationFailed", "RotationAbandoned"),
    ),
    "aws_sfn_state_machine": (
        _event(
            "shifts that were interrupted", "aws.states", "Step Functions Execution Status Change",
            "ABORTED", "FAILED", "TIMED_OUT",
        ),
    ),
}  # fmt: skip
OF_ALL = (
    _event("trouble of AWS itself", "aws.health", "AWS Health Event", "issue"),
    _event("changes of roles", "aws.iam", _CALL, "PutRolePolicy", "AttachRolePolicy"),
)


class Rule:
    """A rule that has a target."""

    def __init__(self, rule: Block) -> None:
        pattern = decoded(rule)
        self._stack = rule.stack
        self._pattern = pattern if isinstance(pattern, dict) else {}
        self._kinds = list(_kinds(self._pattern.get("detail")))
        self.sources = strings(self._pattern.get("source"))

    def tells(self, event: Event, block: Block | None) -> bool:
        """Whether the event is sent to the targets; where the rule names resources of the block's type, this
        one is among them.
        """
        types = strings(self._pattern.get("detail-type"))
        if event.source not in self.sources or (types and event.detail_type not in types):
            return False
        named = self._stack.referred(self._pattern, block.type) if block else []
        return (not named or block in named) and self._asks_for(event.words)

    def _asks_for(self, words: frozenset[str]) -> bool:
        """Who names no kind of event asks for all; what a comparison matches is not looked into."""
        return not self._kinds or any(isinstance(kind, dict) or kind in words for kind in self._kinds)


def _kinds(value: Any) -> Iterator[Any]:
    """What a pattern's detail says of the kind of event."""
    for body in objects(value):
        for key, inner in body.items():
            if key in _KINDS:
                yield from inner if isinstance(inner, list) else ()
            else:
                yield from _kinds(inner)


def decoded(rule: Block) -> Any:
    """A rule's pattern; None where it has none, a text where it is an expression or no JSON object."""
    value = rule.get("event_pattern")
    if not isinstance(value, str) or value.startswith("${"):
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return value
    return found if isinstance(found, dict) else value


def words_of(value: Any) -> Iterator[set[str]]:
    """Each list of words in a pattern's detail."""
    for body in objects(value):
        for key, inner in body.items():
            if isinstance(inner, list) and key != "$or":
                yield {item for item in inner if isinstance(item, str) and "${" not in item and item != "*"}
            else:
                for item in inner if isinstance(inner, list) else [inner]:
                    yield from words_of(item)
