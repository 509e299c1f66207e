"""Names and sizes that services refuse."""

from typing import Any

import pytest
from embedded_aws import LocalAws

from packages.embedded_aws.tests.rules.calling import code_of, role

MACHINE = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
AURORA = {"Engine": "aurora-mysql", "MasterUsername": "a", "ManageMasterUserPassword": True}
TABLE = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
GROUP = {"Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0", "TargetType": "ip"}
FUNCTION = {"Runtime": "python3.13", "Handler": "a.b", "Code": {"ZipFile": b"x"}}
TRUST = '{"Version": "2012-10-17", "Statement": []}'
INSTANCE = {"DBInstanceClass": "db.r6g.large", "Engine": "aurora-mysql"}

# What is refused → service, operation, arguments, code.
REFUSED: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "a target group's name of 33 characters": (
        "elbv2", "create_target_group", {"Name": 33 * "a", **GROUP}, "ValidationError",
    ),
    "a target group's name that begins with a hyphen": (
        "elbv2", "create_target_group", {"Name": "-a", **GROUP}, "ValidationError",
    ),
    "a load balancer's name that begins with internal-": (
        "elbv2", "create_load_balancer", {"Name": "internal-x", "Subnets": ["subnet-0"]}, "ValidationError",
    ),
    "a page of 401 target groups": (
        "elbv2", "describe_target_groups", {"PageSize": 401}, "ValidationError",
    ),
    "a cluster's name with two hyphens in a row": (
        "rds", "create_db_cluster", {"DBClusterIdentifier": "a--b", **AURORA}, "InvalidParameterValue",
    ),
    "a cluster's name that ends with a hyphen": (
        "rds", "create_db_cluster", {"DBClusterIdentifier": "a-", **AURORA}, "InvalidParameterValue",
    ),
    "a cluster's name that begins with a digit": (
        "rds", "create_db_cluster", {"DBClusterIdentifier": "1a", **AURORA}, "InvalidParameterValue",
    ),
    "an instance's name with two hyphens in a row": (
        "rds", "create_db_instance", {"DBInstanceIdentifier": "a--b", **INSTANCE}, "InvalidParameterValue",
    ),
    "a function's name of 141 characters": (
        "lambda", "create_function", {"FunctionName": 141 * "a", **FUNCTION}, "ValidationException",
    ),
    "a state machine's name with a space": (
        "stepfunctions", "create_state_machine", {"name": "a b", "definition": MACHINE}, "InvalidName",
    ),
    "a topic's name with a space": ("sns", "create_topic", {"Name": "a b"}, "InvalidParameter"),
    "a queue's name with a space": ("sqs", "create_queue", {"QueueName": "a b"}, "InvalidParameterValue"),
    "a parameter below /aws": (
        "ssm", "put_parameter", {"Name": "/aws/x", "Value": "x", "Type": "String"}, "AccessDeniedException",
    ),
    "a parameter whose name begins with ssm": (
        "ssm", "put_parameter", {"Name": "/ssmx", "Value": "x", "Type": "String"}, "ValidationException",
    ),
    "a secret's name with a space": (
        "secretsmanager", "create_secret", {"Name": "a b"}, "ValidationException",
    ),
    "a table's name of two characters": (
        "dynamodb", "create_table", {"TableName": "ab", **TABLE}, "ValidationException",
    ),
    "a role's name with a space": (
        "iam", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": TRUST}, "ValidationError",
    ),
    "a repository's name with a capital letter": (
        "ecr", "create_repository", {"repositoryName": "Ab"}, "InvalidParameterException",
    ),
    "a rule's name with a space": (
        "events", "put_rule", {"Name": "a b", "ScheduleExpression": "rate(1 day)"}, "ValidationException",
    ),
    "a vault's name with a space": (
        "backup", "create_backup_vault", {"BackupVaultName": "a b"}, "InvalidParameterValueException",
    ),
    "a log group's name with a space": (
        "logs", "create_log_group", {"logGroupName": "a b"}, "InvalidParameterException",
    ),
    "a bucket's name with a capital letter": ("s3", "create_bucket", {"Bucket": "A-b"}, "InvalidBucketName"),
    "eleven services described at once": (
        "ecs", "describe_services", {"services": [f"s{n}" for n in range(11)]}, "InvalidParameterException",
    ),
    "eleven parameters read at once": (
        "ssm", "get_parameters", {"Names": [f"/{n}" for n in range(11)]}, "ValidationException",
    ),
    "a page of 101 alarms": ("cloudwatch", "describe_alarms", {"MaxRecords": 101}, "ValidationError"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused(aws: LocalAws, what: str) -> None:
    service, operation, arguments, code = REFUSED[what]
    if operation == "create_function":
        arguments = {**arguments, "Role": role(aws)}
    if operation == "create_state_machine":
        arguments = {**arguments, "roleArn": role(aws)}
    if operation == "describe_services":
        aws.client("ecs").create_cluster(clusterName="rules")
        arguments = {**arguments, "cluster": "rules"}
    assert code_of(aws, service, operation, **arguments) == code


@pytest.mark.parametrize("what", ["subject", "message"])
def test_a_message_that_sns_refuses(aws: LocalAws, what: str) -> None:
    topic = aws.client("sns").create_topic(Name="rules")["TopicArn"]
    wrong = {"Message": "x", "Subject": "a\nb"} if what == "subject" else {"Message": 262_145 * "x"}
    assert code_of(aws, "sns", "publish", TopicArn=topic, **wrong) == "InvalidParameter"


def test_the_names_of_the_platform_are_taken(aws: LocalAws) -> None:
    assert code_of(aws, "rds", "create_db_cluster", DBClusterIdentifier="payments-blue", **AURORA) == ""
    assert code_of(aws, "secretsmanager", "create_secret", Name="payments-local/green/database") == ""
    assert code_of(aws, "logs", "create_log_group", logGroupName="/aws/lambda/payments-switch") == ""
