"""What services answer to the name of something that there is not."""

from typing import Any

import pytest
from embedded_aws import ACCOUNT_ID, LocalAws

from packages.embedded_aws.tests.rules.calling import code_of, unchecked

UNKNOWN = "0123456789abcdef"
BALANCING = f"arn:aws:elasticloadbalancing:us-east-1:{ACCOUNT_ID}"
LISTENER = f"{BALANCING}:listener/app/x/{UNKNOWN}/{UNKNOWN}"
RULE = f"{BALANCING}:listener-rule/app/x/{UNKNOWN}/{UNKNOWN}/{UNKNOWN}"
STATES = f"arn:aws:states:us-east-1:{ACCOUNT_ID}"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate/00000000-0000-4000-8000-00000000000f"

# What is unknown → service, operation, arguments, code.
REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a load balancer by its name": (
        "elbv2", "describe_load_balancers", {"Names": ["nothing"]}, "LoadBalancerNotFound",
    ),
    "a target group by its ARN": (
        "elbv2", "describe_target_groups", {"TargetGroupArns": [f"{BALANCING}:targetgroup/x/{UNKNOWN}"]},
        "TargetGroupNotFound",
    ),
    "a target group whose health is asked": (
        "elbv2", "describe_target_health", {"TargetGroupArn": f"{BALANCING}:targetgroup/x/{UNKNOWN}"},
        "TargetGroupNotFound",
    ),
    "a listener rule": (
        "elbv2", "describe_rules", {"RuleArns": [RULE]},
        "RuleNotFound",
    ),
    "a listener that is modified": (
        "elbv2", "modify_listener", {"ListenerArn": LISTENER, "Port": 81},
        "ListenerNotFound",
    ),
    "a cluster by its identifier": (
        "rds", "describe_db_clusters", {"DBClusterIdentifier": "nothing"}, "DBClusterNotFoundFault",
    ),
    "an instance by its identifier": (
        "rds", "describe_db_instances", {"DBInstanceIdentifier": "nothing"}, "DBInstanceNotFound",
    ),
    "the cluster of a service": (
        "ecs", "describe_services", {"cluster": "nothing", "services": ["x"]}, "ClusterNotFoundException",
    ),
    "a parameter": ("ssm", "get_parameter", {"Name": "/nothing"}, "ParameterNotFound"),
    "a secret": ("secretsmanager", "describe_secret", {"SecretId": "nothing"}, "ResourceNotFoundException"),
    "an execution": (
        "stepfunctions", "describe_execution", {"executionArn": f"{STATES}:execution:m:x"},
        "ExecutionDoesNotExist",
    ),
    "a state machine that is started": (
        "stepfunctions", "start_execution", {"stateMachineArn": f"{STATES}:stateMachine:m"},
        "StateMachineDoesNotExist",
    ),
    "a task token": (
        "stepfunctions", "send_task_success", {"taskToken": "x", "output": "{}"}, "InvalidToken",
    ),
    "a function that is invoked": (
        "lambda", "invoke", {"FunctionName": "nothing"}, "ResourceNotFoundException",
    ),
    "a table": (
        "dynamodb", "get_item", {"TableName": "nothing", "Key": {"id": {"S": "x"}}},
        "ResourceNotFoundException",
    ),
    "a key by its alias": ("kms", "describe_key", {"KeyId": "alias/nothing"}, "NotFoundException"),
    "a role": ("iam", "get_role", {"RoleName": "nothing"}, "NoSuchEntity"),
    "a repository": ("ecr", "describe_images", {"repositoryName": "nothing"}, "RepositoryNotFoundException"),
    "a queue": ("sqs", "get_queue_url", {"QueueName": "nothing"}, "AWS.SimpleQueueService.NonExistentQueue"),
    "a certificate": (
        "acm", "describe_certificate", {"CertificateArn": CERTIFICATE}, "ResourceNotFoundException",
    ),
    "an availability zone": (
        "ec2", "describe_availability_zones", {"ZoneNames": ["us-east-1a", "us-east-1z"]},
        "InvalidParameterValue",
    ),
    "a backup vault": (
        "backup", "describe_backup_vault", {"BackupVaultName": "nothing"}, "AccessDeniedException",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(aws: LocalAws, what: str) -> None:
    service, operation, arguments, code = REFUSED[what]
    assert code_of(aws, service, operation, **arguments) == code


def test_a_filter_for_an_unknown_cluster_finds_no_instance(aws: LocalAws) -> None:
    filters = [{"Name": "db-cluster-id", "Values": ["nothing"]}]
    assert unchecked(aws, "rds").describe_db_instances(Filters=filters)["DBInstances"] == []


def test_unknown_alarms_are_left_out(aws: LocalAws) -> None:
    found = unchecked(aws, "cloudwatch").describe_alarms(
        AlarmNames=["nothing"], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    assert (found["MetricAlarms"], found["CompositeAlarms"]) == ([], [])


def test_unknown_ecs_clusters_are_failures(aws: LocalAws) -> None:
    found = unchecked(aws, "ecs").describe_clusters(clusters=["nothing"])
    assert found["clusters"] == []
    assert [one["reason"] for one in found["failures"]] == ["MISSING"]


def test_unknown_parameters_are_listed_as_invalid(aws: LocalAws) -> None:
    found = unchecked(aws, "ssm").get_parameters(Names=["/nothing"])
    assert (found["Parameters"], found["InvalidParameters"]) == ([], ["/nothing"])
