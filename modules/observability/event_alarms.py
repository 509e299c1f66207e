"""Alarms on events: they ring for a while after an event, and on events that did not arrive."""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule

from modules.observability.alarm import Alarm, total
from modules.observability.events import rule_metric

# How long an event counts: a colour that failed over is not to get traffic in the same quarter of an hour.
RECENT_SECONDS = 900


def failed_over(rule: CloudwatchEventRule) -> Alarm:
    """The cluster failed over in the last quarter of an hour."""
    return _after(
        rule,
        name="database-failover",
        what="The cluster failed over, or tried to.",
        fix="The message of the event rule says which instance writes now. Check that the service has "
        "reconnected, and the cluster's events for the cause.",
    )


def rotation_failed(rule: CloudwatchEventRule) -> Alarm:
    """Secrets Manager gave up a rotation of a colour's passwords in the last quarter of an hour."""
    return _after(
        rule,
        name="rotation-failed",
        what="Secrets Manager could not rotate the password of the application, whose old one still works, "
        "or of the administrator.",
        fix="The rotation function's log says at which step; fix the cause and call RotateSecret.",
    )


def ledger_rotation_failed(rule: CloudwatchEventRule) -> Alarm:
    """Secrets Manager gave up a rotation of the ledger's accounts in the last quarter of an hour."""
    return _after(
        rule,
        name="ledger-rotation-failed",
        what="Secrets Manager could not rotate an account of the ledger; the one before still works.",
        fix="The log of the ledger's setup function says at which step; fix the cause and call RotateSecret.",
    )


def deployment_failed(rule: CloudwatchEventRule) -> Alarm:
    """The circuit breaker gave a deployment up in the last quarter of an hour."""
    return _after(
        rule,
        name="deployment-failed",
        what="A deployment of the service failed; ECS went back to the one before, where there was one.",
        fix="The stopped tasks' reasons say why they didn't start or stay; the message of the event rule "
        "names the deployment.",
    )


def key_in_danger(rule: CloudwatchEventRule) -> Alarm:
    """The key was disabled or scheduled for deletion in the last quarter of an hour."""
    return _after(
        rule,
        name="key-in-danger",
        what="A principal disabled the platform's KMS key or scheduled its deletion: all data depends on it.",
        fix="Call CancelKeyDeletion and EnableKey at once; then find the caller in CloudTrail.",
    )


def undelivered(rules: Sequence[CloudwatchEventRule], *, of: str | None = None) -> Alarm:
    """Events matched a rule, or were due, and did not reach the rule's target. `of`: the rules' colour.

    An alarm has ten metrics at most (CloudWatch user guide, "Limits that apply to alarms based on metric math
    expressions").
    """
    metrics = [rule_metric(rule, "FailedInvocations", period=300) for rule in rules]
    return Alarm(
        name=f"event-delivery-{of}" if of else "event-delivery",
        measure=total("rule", metrics, "Events that did not reach their target"),
        threshold=0,
        unit="Count",
        what="EventBridge could not deliver an event: a notification was lost, or a secret's age not read.",
        fix="Check the topic's and the key's policy and the functions' permissions for "
        "events.amazonaws.com; look up what was missed in the events of RDS, Health and CloudTrail.",
    )


def _after(rule: CloudwatchEventRule, *, name: str, what: str, fix: str) -> Alarm:
    return Alarm(
        name=name,
        measure=rule_metric(rule, "TriggeredRules", period=RECENT_SECONDS),
        threshold=0,
        unit="Count",
        what=what,
        fix=fix,
    )
