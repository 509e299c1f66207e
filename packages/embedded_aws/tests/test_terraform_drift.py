"""What moto forgets between an apply and the next plan: each is asked of ours, and of stock moto."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from embedded_aws import LocalAws

from packages.embedded_aws.tests.conftest import create_function

SOURCE = "def handler(event, context): return event"
DEAD_LETTERS = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:dead-letters"}
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234"
JSON_LOGS = {"LogFormat": "JSON", "LogGroup": "/payments/switch"}
ALL_JSON_LOGS = JSON_LOGS | {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}


def key_rotation(aws: LocalAws) -> Any:
    """The period of a key that rotates every 180 days."""
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    return kms.get_key_rotation_status(KeyId=key).get("RotationPeriodInDays")


def bucket_notifications(aws: LocalAws) -> Any:
    """Whether a bucket notifies EventBridge that was told to, besides a queue."""
    s3, bucket = aws.client("s3"), f"bucket-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket)
    queue = {"QueueArn": DEAD_LETTERS["TargetArn"], "Events": ["s3:ObjectCreated:*"]}
    wanted = {"EventBridgeConfiguration": {}, "QueueConfigurations": [queue]}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    return sorted(name for name in found if name != "ResponseMetadata")


def only_bucket_notification(aws: LocalAws) -> Any:
    """The same, with nothing else to notify."""
    s3, bucket = aws.client("s3"), f"bucket-{uuid.uuid4()}"
    s3.create_bucket(Bucket=bucket)
    wanted: dict[str, Any] = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
    return s3.get_bucket_notification_configuration(Bucket=bucket).get("EventBridgeConfiguration")


def security_group_rules(aws: LocalAws) -> Any:
    """The descriptions of a rule between two groups, and of one to a prefix list."""
    ec2 = aws.client("ec2")
    one, other = (
        ec2.create_security_group(GroupName=str(uuid.uuid4()), Description="of a test")["GroupId"]
        for _ in range(2)
    )
    ends: list[dict[str, Any]] = [
        {"UserIdGroupPairs": [{"GroupId": other, "Description": "to the other"}]},
        {"PrefixListIds": [{"PrefixListId": "pl-1", "Description": "to S3"}]},
    ]
    for end in ends:
        permission = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **end}
        ec2.authorize_security_group_egress(GroupId=one, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [one]}])
    return sorted(rule["Description"] for rule in rules["SecurityGroupRules"] if rule.get("Description"))


def queue_policies(aws: LocalAws) -> Any:
    """Whether a queue keeps its policy when another attribute is changed."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=str(uuid.uuid4()))["QueueUrl"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    return "Policy" in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def role_descriptions(aws: LocalAws) -> Any:
    """The description of a role of which the session duration was changed."""
    iam, name = aws.client("iam"), str(uuid.uuid4())
    iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}", Description="switches traffic")
    iam.update_role(RoleName=name, MaxSessionDuration=7200)
    role = iam.get_role(RoleName=name)["Role"]
    return role.get("Description"), role["MaxSessionDuration"]


def new_function_settings(aws: LocalAws) -> Any:
    """What a new function does with logs and failed events."""
    name = create_function(aws, SOURCE, LoggingConfig=JSON_LOGS, DeadLetterConfig=DEAD_LETTERS)
    found = aws.client("lambda").get_function_configuration(FunctionName=name)
    return found.get("LoggingConfig"), found.get("DeadLetterConfig")


def changed_function_settings(aws: LocalAws) -> Any:
    """Those settings of a function, and others, when they were changed later."""
    name, client = create_function(aws, SOURCE), aws.client("lambda")
    wanted = {
        "DeadLetterConfig": DEAD_LETTERS,
        "EphemeralStorage": {"Size": 1024},
        "KMSKeyArn": KEY,
        "LoggingConfig": JSON_LOGS,
        "TracingConfig": {"Mode": "Active"},
    }
    client.update_function_configuration(FunctionName=name, **wanted)
    found = client.get_function_configuration(FunctionName=name)
    return [found.get(setting) for setting in wanted]


def function_retries(aws: LocalAws) -> Any:
    """How often asynchronous events are tried again, when that was changed."""
    name, client = create_function(aws, SOURCE), aws.client("lambda")
    for number in (2, 1):
        client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=number)
    return client.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"]


def service_settings(aws: LocalAws) -> Any:
    """What a new service was told about its deployments and tags."""
    ecs, name = aws.client("ecs"), str(uuid.uuid4())
    ecs.create_cluster(clusterName=name)
    container = {"name": "application", "image": "application", "memory": 512}
    ecs.register_task_definition(family=name, containerDefinitions=[container])
    wanted: dict[str, Any] = {
        "availabilityZoneRebalancing": "ENABLED",
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 150,
            "minimumHealthyPercent": 75,
        },
        "enableECSManagedTags": True,
        "healthCheckGracePeriodSeconds": 60,
    }
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=name, desiredCount=1, **wanted)
    (found,) = ecs.describe_services(cluster=name, services=[name])["services"]
    return {setting: found.get(setting) for setting in wanted} == wanted


PROBES: list[tuple[Callable[[LocalAws], Any], Any]] = [
    (key_rotation, 180),
    (bucket_notifications, ["EventBridgeConfiguration", "QueueConfigurations"]),
    (only_bucket_notification, {}),
    (security_group_rules, ["to S3", "to the other"]),
    (queue_policies, True),
    (service_settings, True),
    (role_descriptions, ("switches traffic", 7200)),
    (new_function_settings, (ALL_JSON_LOGS, DEAD_LETTERS)),
    (changed_function_settings, [DEAD_LETTERS, {"Size": 1024}, KEY, ALL_JSON_LOGS, {"Mode": "Active"}]),
    (function_retries, 1),
]
each_probe = pytest.mark.parametrize(("probe", "right"), PROBES, ids=[probe.__name__ for probe, _ in PROBES])


@each_probe
def test_it_is_kept(aws: LocalAws, probe: Callable[[LocalAws], Any], right: Any) -> None:
    assert probe(aws) == right


@each_probe
def test_stock_moto_still_forgets_it(stock: LocalAws, probe: Callable[[LocalAws], Any], right: Any) -> None:
    assert probe(stock) != right


def test_descriptions_of_rules_can_be_changed(aws: LocalAws) -> None:
    ec2 = aws.client("ec2")
    group = ec2.create_security_group(GroupName=str(uuid.uuid4()), Description="of a test")["GroupId"]
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    to_itself = rule | {"UserIdGroupPairs": [{"GroupId": group, "Description": "before"}]}
    added = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[to_itself])
    name = added["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    changed = rule | {"ReferencedGroupId": group, "Description": "after"}
    ec2.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": name, "SecurityGroupRule": changed}]
    )
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[name])["SecurityGroupRules"][0]
    assert found["Description"] == "after"


def test_a_published_version_keeps_its_settings(aws: LocalAws) -> None:
    name, client = create_function(aws, SOURCE, DeadLetterConfig=DEAD_LETTERS), aws.client("lambda")
    version = client.publish_version(FunctionName=name)["Version"]
    client.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": ""})
    published = client.get_function_configuration(FunctionName=name, Qualifier=version)
    assert published["DeadLetterConfig"] == DEAD_LETTERS
    assert "DeadLetterConfig" not in client.get_function_configuration(FunctionName=name)
