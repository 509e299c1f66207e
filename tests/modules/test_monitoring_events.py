"""Event rules: what they catch, what they don't, and that it reaches the topic."""

import copy
import json
from typing import Any

import pytest
from moto.events.models import EventPattern, EventPatternParser

from lambda_src.rotation.age import STEP
from tests.stack_reader import Resource, Stack


def rule(stack: Stack, name: str) -> Resource:
    (found,) = [r for r in stack.all("aws_cloudwatch_event_rule") if r["name"].endswith(f"-{name}")]
    return found


def catches(of: Resource, event: dict[str, Any]) -> bool:
    """Whether EventBridge's rules of matching, as moto implements them, let the event through."""
    raw = of["event_pattern"]
    return bool(EventPattern(raw, EventPatternParser(raw).parse()).matches_event(event))  # type: ignore[arg-type]


def reference(stack: Stack, path: str, attribute: str) -> str:
    """What stands in the pattern for a value that only AWS knows."""
    resource = stack.at(path)
    return f"${{{resource.type}.{resource.name}.{attribute}}}"


# The events' forms are those of AWS's documentation; see modules/observability/events.py.
def database_event(source: str, category: str, *, kind: str = "Cluster") -> dict[str, Any]:
    return {
        "source": "aws.rds",
        "detail-type": f"RDS DB {kind} Event",
        "resources": [source],
        "detail": {
            "EventCategories": [category],
            "SourceType": kind.upper(),
            "SourceArn": source,
            "EventID": "RDS-EVENT-0071",
            "Message": "Completed failover to DB instance",
        },
    }


def rotation_event(secret: str, name: str) -> dict[str, Any]:
    return {
        "source": "aws.secretsmanager",
        "detail-type": "AWS Service Event via CloudTrail",
        "detail": {
            "eventSource": "secretsmanager.amazonaws.com",
            "eventName": name,
            "additionalEventData": {"SecretId": secret},
        },
    }


def key_event(key: str, name: str) -> dict[str, Any]:
    return {
        "source": "aws.kms",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventSource": "kms.amazonaws.com",
            "eventName": name,
            "requestParameters": {"keyId": key, "pendingWindowInDays": 30},
        },
    }


def test_every_rule_reaches_the_topic(stack: Stack) -> None:
    rules = {r.name for r in stack.all("aws_cloudwatch_event_rule")}
    targets = stack.all("aws_cloudwatch_event_target")

    to_the_switch = stack.at("workflow/roll-back")
    assert {stack.named(target["rule"]).name for target in targets} == rules
    told = [
        target
        for target in targets
        if "event_pattern" in stack.named(target["rule"]).block and target != to_the_switch
    ]
    assert {stack.named(target["arn"]) for target in told} == {stack.one("aws_sns_topic")}
    # With a role, delivery to an encrypted topic may fail (EventBridge user guide, resource-based policies).
    assert not any("role_arn" in target.block for target in targets)


def test_each_rotation_function_is_asked_for_the_age_of_its_own_secret(stack: Stack) -> None:
    found = [r for r in stack.all("aws_cloudwatch_event_rule") if "schedule_expression" in r.block]
    schedules = [schedule for schedule in found if not schedule.path.startswith("ledger/")]
    assert len(schedules) == 2
    for schedule in schedules:
        colour = schedule.path.partition("-")[0]
        (target,) = [
            t for t in stack.all("aws_cloudwatch_event_target") if stack.named(t["rule"]) == schedule
        ]
        assert stack.named(target["arn"]).path == f"{colour}-credentials/rotation/function"
        asked = json.loads(target["input"])
        assert asked["Step"] == STEP
        assert stack.named(asked["SecretId"]).path == f"{colour}-credentials/secret"
        permission = stack.at(f"{colour}-credentials/age/permission")
        assert stack.named(permission["source_arn"]) == schedule
        assert permission["principal"] == "events.amazonaws.com"


@pytest.mark.parametrize(("colour", "other"), [("blue", "green"), ("green", "blue")])
def test_a_failover_is_caught_for_its_own_colour_only(stack: Stack, colour: str, other: str) -> None:
    event = database_event(reference(stack, f"{colour}-database/cluster", "arn"), "failover")

    assert catches(rule(stack, f"{colour}-failover"), event)
    assert not catches(rule(stack, f"{other}-failover"), event)
    for category in ("backup", "maintenance", "notification"):
        routine = copy.deepcopy(event)
        routine["detail"]["EventCategories"] = [category]
        assert not catches(rule(stack, f"{colour}-failover"), routine)
        assert not catches(rule(stack, f"{colour}-database-trouble"), routine)


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_trouble_of_any_instance_is_caught(stack: Stack, colour: str) -> None:
    instances = [
        instance
        for instance in stack.all("aws_rds_cluster_instance")
        if instance.path.startswith(f"{colour}-database/")
    ]
    assert len(instances) >= 2
    for instance in instances:
        arn = reference(stack, instance.path, "arn")
        for category in ("availability", "failure", "low storage", "recovery"):
            event = database_event(arn, category, kind="Instance")
            assert catches(rule(stack, f"{colour}-database-trouble"), event)


@pytest.mark.parametrize(("colour", "other"), [("blue", "green"), ("green", "blue")])
def test_a_failed_rotation_is_caught_for_its_own_secrets_only(stack: Stack, colour: str, other: str) -> None:
    own = rule(stack, f"{colour}-rotation-failed")
    for path in (f"{colour}-credentials/secret", f"{colour}-database/administrator"):
        secret = reference(stack, path, "arn")
        assert catches(own, rotation_event(secret, "RotationFailed"))
        assert catches(own, rotation_event(secret, "RotationAbandoned"))
        assert not catches(own, rotation_event(secret, "RotationSucceeded"))
        assert not catches(rule(stack, f"{other}-rotation-failed"), rotation_event(secret, "RotationFailed"))


def test_a_failed_rotation_of_any_secret_is_caught(stack: Stack) -> None:
    rules = [r for r in stack.all("aws_cloudwatch_event_rule") if r["name"].endswith("-rotation-failed")]
    schedules = stack.all("aws_secretsmanager_secret_rotation")
    assert schedules
    for schedule in schedules:
        secret = reference(stack, stack.named(schedule["secret_id"]).path, "arn")
        assert any(catches(each, rotation_event(secret, "RotationFailed")) for each in rules), secret


@pytest.mark.parametrize("attribute", ["arn", "key_id"])
def test_a_key_in_danger_is_caught_however_it_is_named(stack: Stack, attribute: str) -> None:
    key = reference(stack, "encryption/key", attribute)
    own = rule(stack, "key-in-danger")

    assert catches(own, key_event(key, "ScheduleKeyDeletion"))
    assert catches(own, key_event(key, "DisableKey"))
    assert not catches(own, key_event(key, "EnableKey"))
    assert not catches(own, key_event("another", "ScheduleKeyDeletion"))


@pytest.mark.parametrize(
    ("kind", "key", "states"),
    [
        ("Backup Job State Change", "state", ("ABORTED", "EXPIRED", "FAILED", "PARTIAL")),
        ("Copy Job State Change", "state", ("ABORTED", "FAILED", "PARTIAL")),
        ("Restore Job State Change", "status", ("ABORTED", "FAILED")),
    ],
)
def test_a_job_of_aws_backup_that_failed_is_caught(
    stack: Stack, kind: str, key: str, states: tuple[str, ...]
) -> None:
    """AWS Backup developer guide, "Monitoring AWS Backup events using Amazon EventBridge"."""

    def caught(state: str) -> bool:
        event = {"source": "aws.backup", "detail-type": kind, "detail": {key: state}}
        return catches(rule(stack, "backup-jobs"), event)

    assert all(map(caught, states))
    assert not any(map(caught, ("CREATED", "PENDING", "RUNNING", "COMPLETED")))


def test_trouble_of_aws_itself_is_caught_whatever_the_service(stack: Stack) -> None:
    event: dict[str, Any] = {
        "source": "aws.health",
        "detail-type": "AWS Health Event",
        "detail": {"service": "RDS", "eventTypeCategory": "issue", "statusCode": "open"},
    }
    own = rule(stack, "aws-health")

    assert catches(own, event)
    event["detail"]["eventTypeCategory"] = "accountNotification"
    assert not catches(own, event)
