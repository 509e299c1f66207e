"""What AWS tells by events rather than metrics: EventBridge rules whose target is the topic.

Each rule's own metric `TriggeredRules` gives an event an alarm, and thereby a state that a gate can read.
Source: EventBridge user guide, "Monitoring Amazon EventBridge".
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.ecs_service import EcsService
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.data.database import Database
from modules.foundation.encryption import Encryption
from modules.observability.alarm import Metric

Pattern = Mapping[str, Any]

# Source: Aurora user guide, "Amazon RDS event categories and event messages for Aurora".
TROUBLE = ["availability", "failure", "low storage", "recovery"]


def event_rule(
    scope: Construct, id_: str, *, name: str, description: str, pattern: Pattern, topic_arn: str
) -> CloudwatchEventRule:
    """Sends the events of the default bus that match the pattern to the topic, as they are."""
    rule = CloudwatchEventRule(
        scope,
        id_,
        name=name,
        description=description,
        event_pattern=json.dumps(pattern),
        tags={"Name": name},
    )
    CloudwatchEventTarget(scope, f"{id_}-target", rule=rule.name, target_id="topic", arn=topic_arn)
    return rule


def rule_metric(rule: CloudwatchEventRule, name: str, *, period: int) -> Metric:
    """A count that EventBridge publishes for the rule, only when it isn't zero: TriggeredRules and others."""
    return Metric(
        namespace="AWS/Events",
        name=name,
        dimensions={"RuleName": rule.name},
        statistic="Sum",
        period=period,
    )


def failover(database: Database) -> Pattern:
    """Another instance becomes the writer, or should have and couldn't."""
    return _database(["RDS DB Cluster Event"], [database.cluster.arn], ["failover"])


def database_trouble(database: Database) -> Pattern:
    """Instances and cluster stop, restart, recover, fail, or run out of room."""
    sources = [database.cluster.arn, *(instance.arn for instance in database.instances)]
    return _database(["RDS DB Cluster Event", "RDS DB Instance Event"], sources, TROUBLE)


def _database(kinds: Sequence[str], sources: Sequence[str], categories: Sequence[str]) -> Pattern:
    return {
        "source": ["aws.rds"],
        "detail-type": list(kinds),
        "detail": {"SourceArn": list(sources), "EventCategories": list(categories)},
    }


def database_changed(database: Database) -> Pattern:
    """Configuration or security of cluster and instances was changed, or one was deleted."""
    sources = [database.cluster.arn, *(instance.arn for instance in database.instances)]
    kinds = ["RDS DB Cluster Event", "RDS DB Instance Event"]
    return _database(kinds, sources, ["configuration change", "deletion", "security", "security patching"])


def deployment_failed(service: EcsService) -> Pattern:
    """Source: Amazon ECS developer guide, "Amazon ECS service deployment state change events"."""
    return {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [service.id],
        "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
    }


def service_trouble(service: EcsService) -> Pattern:
    """ECS can't place, start or keep tasks.

    Source: Amazon ECS developer guide, "Amazon ECS service action events".
    """
    return {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Service Action"],
        "resources": [service.id],
        "detail": {"eventType": ["ERROR", "WARN"]},
    }


def rotation_failed(*secrets: SecretsmanagerSecret) -> Pattern:
    """Source: Secrets Manager user guide, "Log AWS Secrets Manager events with AWS CloudTrail"."""
    return {
        "source": ["aws.secretsmanager"],
        "detail-type": ["AWS Service Event via CloudTrail"],
        "detail": {
            "eventSource": ["secretsmanager.amazonaws.com"],
            "eventName": ["RotationAbandoned", "RotationFailed"],
            "additionalEventData": {"SecretId": [secret.arn for secret in secrets]},
        },
    }


def key_in_danger(encryption: Encryption) -> Pattern:
    """A principal disables the key or schedules its deletion: all data becomes unreadable with it.

    Both calls take the key's id or ARN (KMS API reference). Source: KMS developer guide, "Create an alarm
    that detects use of a KMS key pending deletion".
    """
    return {
        "source": ["aws.kms"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["kms.amazonaws.com"],
            "eventName": ["DisableKey", "ScheduleKeyDeletion"],
            "requestParameters": {"keyId": [encryption.key_arn, encryption.key_id]},
        },
    }


def job_failed() -> Pattern:
    """A backup, copy or restore of this account failed, expired, was aborted, or is incomplete.

    Of whichever vault: events of restores name none. Backups and copies have a state, restores a status.
    Source: AWS Backup developer guide, "Monitoring AWS Backup events using Amazon EventBridge".
    """
    bad = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]
    return {
        "source": ["aws.backup"],
        "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
        "detail": {"$or": [{"state": bad}, {"status": bad}]},
    }


def aws_health() -> Pattern:
    """Trouble and planned changes of AWS itself that touch this account, of whatever service.

    There is no list of services: one that is misspelt or forgotten would be silent. Source: AWS Health user
    guide, "Reference: AWS Health events Amazon EventBridge schema".
    """
    return {
        "source": ["aws.health"],
        "detail-type": ["AWS Health Event", "AWS Health Abuse Event"],
        "detail": {"eventTypeCategory": ["investigation", "issue", "scheduledChange"]},
    }
