"""Log deliveries: each service writes as the principal or the role that it has on AWS, or is denied.

VPC user guide, "Publish flow logs to CloudWatch Logs", "Troubleshoot VPC Flow Logs"; CloudWatch Logs user
guide, "Enable logging from AWS services", "Encrypt log data"; AWS WAF API reference, PutLoggingConfiguration;
Step Functions developer guide, "Using CloudWatch Logs to log execution history"; Aurora user guide, "Setting
up and enabling Enhanced Monitoring"; CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail".
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import embedded_aws
import pytest
from embedded_aws import ACCOUNT_ID, REGION, LocalAws

from packages.embedded_aws.tests.authorisation.acting import HERE, ROOT, Statement, allow, denied, document
from packages.embedded_aws.tests.machines import eventually
from packages.embedded_aws.tests.roles import role_of_anything, trust

DELIVERY = "delivery.logs.amazonaws.com"
VALIDATION = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"
AWS_S_OWN = "AWSLogDeliveryWrite20150319"
FLOWS = (
    *("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
    *("logs:DescribeLogGroups", "logs:DescribeLogStreams"),
)
# What an administrator of a key needs, so that KMS takes its policy.
KEY = allow("kms:*", Principal={"AWS": ROOT})


@pytest.fixture
def name() -> str:
    return f"logs-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def policies(aws: LocalAws) -> Iterator[Any]:
    """CloudWatch Logs without log resource policies, before and after."""
    logs = aws.client("logs")

    def clear() -> None:
        for policy in logs.describe_resource_policies()["resourcePolicies"]:
            logs.delete_resource_policy(policyName=policy["policyName"])

    clear()
    yield logs
    clear()


def group(aws: LocalAws, name: str, **more: Any) -> str:
    """A log group's ARN."""
    aws.client("logs").create_log_group(logGroupName=name, **more)
    return f"arn:aws:logs:{HERE}:log-group:{name}"


def role(aws: LocalAws, name: str, service: str, *statements: Statement) -> str:
    """A role with exactly these permissions."""
    iam = aws.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return str(made)


def lines(aws: LocalAws, name: str, stream: str = "") -> list[str]:
    """Of a group, or of its stream."""
    logs = aws.client("logs")
    streams = logs.describe_log_streams(logGroupName=name)["logStreams"]
    return [
        event["message"]
        for one in streams
        if stream in ("", one["logStreamName"])
        for event in logs.get_log_events(logGroupName=name, logStreamName=one["logStreamName"])["events"]
    ]


def denials(aws: LocalAws, name: str) -> list[tuple[str, str]]:
    """Caller and action of the denials on what has this name, or that its purpose names."""
    return [
        (one["caller"], one["action"])
        for one in embedded_aws.denials(aws)
        if name in one["resource"] or name in one["operation"] or name in one["caller"]
    ]


class Network:
    """A VPC with a subnet, for flow logs."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws, self.ec2 = aws, aws.client("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.8.0.0/24")
        self.subnet = made["Subnet"]["SubnetId"]

    def interface(self) -> str:
        """A new network interface."""
        made = self.ec2.create_network_interface(SubnetId=self.subnet)
        return str(made["NetworkInterface"]["NetworkInterfaceId"])

    def log(self, role: str, group: str) -> str:
        """A flow log of the VPC."""
        return str(
            self.ec2.create_flow_logs(
                ResourceIds=[self.vpc],
                ResourceType="VPC",
                TrafficType="ALL",
                LogDestinationType="cloud-watch-logs",
                LogDestination=group,
                DeliverLogsPermissionArn=role,
            )["FlowLogIds"][0]
        )

    def status(self, flow_log: str) -> tuple[str, str]:
        """Of its delivery."""
        (found,) = self.ec2.describe_flow_logs(FlowLogIds=[flow_log])["FlowLogs"]
        return found["DeliverLogsStatus"], found.get("DeliverLogsErrorMessage", "")


def test_a_flow_log_has_a_record_of_each_network_interface(aws: LocalAws, name: str) -> None:
    """Of those that there are, and of those that are made later."""
    network, arn = Network(aws), group(aws, name)
    before = network.interface()
    flow_log = network.log(role(aws, name, "vpc-flow-logs.amazonaws.com", allow(*FLOWS)), arn)
    later = network.interface()
    Network(aws).interface()  # of another network
    records = lines(aws, name)
    assert {record.split()[2] for record in records} == {before, later}
    assert all(record.startswith(f"2 {ACCOUNT_ID} eni-") for record in records)
    assert all(record.endswith("NODATA") and " - - - - - - - " in record for record in records)
    assert network.status(flow_log) == ("SUCCESS", "")
    assert denials(aws, name) == []


def test_stock_moto_delivers_nothing(stock: LocalAws, name: str) -> None:
    """Then the extension `flow_logs` goes; `execution_logs` and `database_monitoring` are to be looked at."""
    network, arn = Network(stock), group(stock, name)
    flow_log = network.log(f"arn:aws:iam::{ACCOUNT_ID}:role/any", arn)
    network.interface()
    assert network.status(flow_log) == ("FAILED", "Access error")
    assert lines(stock, name) == []


def test_a_flow_log_makes_the_group_that_it_names(aws: LocalAws, name: str) -> None:
    network = Network(aws)
    network.interface()
    network.log(
        role(aws, name, "vpc-flow-logs.amazonaws.com", allow(*FLOWS)), f"arn:aws:logs:{HERE}:log-group:{name}"
    )
    assert len(lines(aws, name)) == 1


@pytest.mark.parametrize("missing", FLOWS)
def test_a_flow_log_is_not_delivered_by_a_role_that_may_not(aws: LocalAws, name: str, missing: str) -> None:
    network = Network(aws)
    network.interface()
    arn = f"arn:aws:logs:{HERE}:log-group:{name}"
    if missing != "logs:CreateLogGroup":
        group(aws, name)
    less = allow(*(action for action in FLOWS if action != missing))
    flow_log = network.log(role(aws, name, "vpc-flow-logs.amazonaws.com", less), arn)
    assert network.status(flow_log) == ("FAILED", "Access error")
    assert [action for _, action in denials(aws, name)] == [missing]


def test_a_flow_log_fails_once_its_role_is_not_assumed_any_more(aws: LocalAws, name: str) -> None:
    network, arn = Network(aws), group(aws, name)
    flow_log = network.log(role(aws, name, "vpc-flow-logs.amazonaws.com", allow(*FLOWS)), arn)
    of_another = {"StringEquals": {"aws:SourceArn": f"arn:aws:ec2:{HERE}:vpc-flow-log/fl-00000000000000000"}}
    trusted = {"Principal": {"Service": "vpc-flow-logs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    aws.client("iam").update_assume_role_policy(
        RoleName=name, PolicyDocument=document({**trusted, "Condition": of_another})
    )
    network.interface()
    assert network.status(flow_log) == ("FAILED", "Access error")
    assert denials(aws, name) == [("vpc-flow-logs.amazonaws.com", "sts:AssumeRole")]


def web_acl(aws: LocalAws, name: str) -> str:
    """Its ARN."""
    visible = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": name}
    made = aws.client("wafv2").create_web_acl(
        Name=name, Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible
    )
    return str(made["Summary"]["ARN"])


def log_web_acl(aws: LocalAws, acl: str, group: str) -> tuple[str, str]:
    """How PutLoggingConfiguration is refused."""
    configuration = {"ResourceArn": acl, "LogDestinationConfigs": [group]}
    return denied(aws.client("wafv2").put_logging_configuration, LoggingConfiguration=configuration)


def test_a_log_of_a_web_acl_is_tried_as_the_log_delivery(aws: LocalAws, policies: Any, name: str) -> None:
    """By its own policy AWS admits what no other policy admits; the account's are kept."""
    groups = [group(aws, f"aws-waf-logs-{name}-{number}") for number in range(3)]
    own = {
        **allow("logs:CreateLogStream", "logs:PutLogEvents", on=f"{groups[0]}:*"),
        "Principal": {"Service": DELIVERY},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
            "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{HERE}:*"},
        },
    }
    policies.put_resource_policy(policyName="own", policyDocument=document(own))
    for arn in groups:
        assert log_web_acl(aws, web_acl(aws, f"acl-{uuid.uuid4().hex[:8]}"), arn) == ("", "")
    for number in range(3):
        (record,) = lines(aws, f"aws-waf-logs-{name}-{number}", VALIDATION)
        assert record.startswith("Permissions are set correctly")
    found = {
        one["policyName"]: one["policyDocument"]
        for one in policies.describe_resource_policies()["resourcePolicies"]
    }
    (added,) = json.loads(found[AWS_S_OWN])["Statement"]
    assert added["Resource"] == [f"{arn}:log-stream:*" for arn in groups[1:]]
    assert found["own"] == document(own)
    assert denials(aws, name) == []


def test_a_log_of_a_web_acl_that_a_policy_denies_is_refused(aws: LocalAws, policies: Any, name: str) -> None:
    arn = group(aws, f"aws-waf-logs-{name}")
    deny = {"Effect": "Deny", "Principal": {"Service": DELIVERY}, "Action": "logs:*", "Resource": "*"}
    policies.put_resource_policy(policyName="deny", policyDocument=document(deny))
    code, message = log_web_acl(aws, web_acl(aws, name), arn)
    assert code == "WAFLogDestinationPermissionIssueException"
    assert "you don't have the permissions that your logging configuration requires" in message
    assert denials(aws, name) == [(DELIVERY, "logs:CreateLogStream")]


@pytest.mark.usefixtures("policies")
def test_an_encrypted_group_is_written_by_the_service_with_its_key(aws: LocalAws, name: str) -> None:
    """CloudWatch Logs itself uses the key, with the group's ARN as encryption context."""
    service = f"logs.{REGION}.amazonaws.com"
    uses = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")

    def policy(groups: str) -> str:
        context = {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{HERE}:log-group:{groups}"}
        }
        return document(KEY, allow(*uses, Principal={"Service": service}, Condition=context))

    kms = aws.client("kms")
    key = kms.create_key(Policy=policy(f"*{name}*"))["KeyMetadata"]["Arn"]
    arn = group(aws, f"aws-waf-logs-{name}", kmsKeyId=key)
    acl = web_acl(aws, name)
    assert log_web_acl(aws, acl, arn) == ("", "")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy("another"))
    assert log_web_acl(aws, acl, arn)[0] == "WAFLogDestinationPermissionIssueException"
    assert (service, "kms:GenerateDataKey") in [
        (one["caller"], one["action"]) for one in embedded_aws.denials(aws) if one["resource"] == key
    ]
    assert len(lines(aws, f"aws-waf-logs-{name}")) == 1


STATES = {"StartAt": "Say", "States": {"Say": {"Type": "Pass", "Result": "said", "End": True}}}


def machine(aws: LocalAws, name: str, group: str, role: str, **logging: Any) -> Any:
    """Creates a state machine that logs there."""
    destination = {"cloudWatchLogsLogGroup": {"logGroupArn": f"{group}:*"}}
    return aws.client("stepfunctions").create_state_machine(
        name=name,
        definition=json.dumps(STATES),
        roleArn=role,
        loggingConfiguration={"level": "ALL", "destinations": [destination], **logging},
    )


@pytest.mark.parametrize("with_data", [True, False])
def test_the_history_of_an_execution_is_delivered(
    aws: LocalAws, policies: Any, name: str, with_data: bool
) -> None:
    arn = group(aws, name)
    iam = role_of_anything(aws.client("iam"), name, "states.amazonaws.com")
    made = machine(aws, name, arn, iam, includeExecutionData=with_data)["stateMachineArn"]
    assert lines(aws, name, VALIDATION)
    aws.client("stepfunctions").start_execution(stateMachineArn=made, name="first", input='"given"')
    found = [json.loads(line) for line in eventually(lambda: lines(aws, name)[1:], "log of the execution")]
    types = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]
    assert [event["type"] for event in found] == types
    assert all(event["execution_arn"].endswith(f":{name}:first") for event in found)
    assert ("said" in str(found)) is ("given" in str(found)) is with_data
    assert policies.describe_resource_policies()["resourcePolicies"]


@pytest.mark.usefixtures("policies")
def test_a_history_below_its_level_is_not_delivered(aws: LocalAws, name: str) -> None:
    arn = group(aws, name)
    iam = role_of_anything(aws.client("iam"), name, "states.amazonaws.com")
    states = aws.client("stepfunctions")
    made = machine(aws, name, arn, iam, level="FATAL")["stateMachineArn"]
    fails = {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "E"}}}
    states.start_execution(stateMachineArn=made)
    states.update_state_machine(stateMachineArn=made, definition=json.dumps(fails))
    states.start_execution(stateMachineArn=made)
    found = eventually(lambda: lines(aws, name)[1:], "log of the execution")
    assert [json.loads(line)["type"] for line in found] == ["ExecutionFailed"]


def test_a_state_machine_whose_log_is_denied_is_refused(aws: LocalAws, policies: Any, name: str) -> None:
    arn = group(aws, name)
    iam = role_of_anything(aws.client("iam"), name, "states.amazonaws.com")
    deny = {"Effect": "Deny", "Principal": {"Service": DELIVERY}, "Action": "logs:*", "Resource": "*"}
    policies.put_resource_policy(policyName="deny", policyDocument=document(deny))
    code, message = denied(machine, aws, name, arn, iam)
    assert (code, message) == (
        "AccessDeniedException",
        "The state machine IAM Role is not authorized to access the Log Destination",
    )


def test_an_execution_whose_log_is_denied_runs_without_it(aws: LocalAws, policies: Any, name: str) -> None:
    """Without the log resource policy the execution succeeds, and the denial is listed."""
    arn = group(aws, name)
    iam = role_of_anything(aws.client("iam"), name, "states.amazonaws.com")
    made = machine(aws, name, arn, iam)["stateMachineArn"]
    policies.delete_resource_policy(policyName=AWS_S_OWN)
    aws.client("stepfunctions").start_execution(stateMachineArn=made)
    assert eventually(lambda: denials(aws, name), "denial") == [(DELIVERY, "logs:CreateLogStream")]
    assert len(lines(aws, name)) == 1


MONITORING = (
    *("logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:CreateLogStream", "logs:DescribeLogStreams"),
    *("logs:GetLogEvents", "logs:PutLogEvents"),
)


@pytest.mark.parametrize("missing", ["", "logs:PutRetentionPolicy", "logs:PutLogEvents"])
def test_an_instance_is_monitored_by_its_role(aws: LocalAws, name: str, missing: str) -> None:
    logs, rds = aws.client("logs"), aws.client("rds")
    if any(one["logGroupName"] == "RDSOSMetrics" for one in logs.describe_log_groups()["logGroups"]):
        logs.delete_log_group(logGroupName="RDSOSMetrics")
    more = allow(*(action for action in MONITORING if action != missing))
    rds.create_db_cluster(
        DBClusterIdentifier=name, Engine="aurora-mysql", MasterUsername="a", ManageMasterUserPassword=True
    )
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBClusterIdentifier=name,
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
        MonitoringInterval=60,
        MonitoringRoleArn=role(aws, name, "monitoring.rds.amazonaws.com", more),
    )
    assert [action for _, action in denials(aws, name)] == ([missing] if missing else [])
    if not missing:
        (document,) = lines(aws, "RDSOSMetrics")
        assert json.loads(document)["instanceID"] == name
        (found,) = logs.describe_log_groups(logGroupNamePrefix="RDSOSMetrics")["logGroups"]
        assert found["retentionInDays"] == 30


TRAILS = "cloudtrail.amazonaws.com"


@pytest.mark.parametrize("missing", ["", "Look", "Write", "Key"])
def test_a_trail_is_made_where_cloudtrail_may_write(aws: LocalAws, name: str, missing: str) -> None:
    """Statements as the guide has them, with the trail's ARN."""
    bucket, trail = f"arn:aws:s3:::{name}", f"arn:aws:cloudtrail:{HERE}:trail/{name}"
    source = {"aws:SourceArn": trail}
    write = {"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}}
    principal: Statement = {"Principal": {"Service": TRAILS}}
    statements = {
        "Look": allow("s3:GetBucketAcl", on=bucket, Condition={"StringEquals": source}, **principal),
        "Write": allow("s3:PutObject", on=f"{bucket}/AWSLogs/{ACCOUNT_ID}/*", Condition=write, **principal),
        "Key": allow(
            "kms:GenerateDataKey*", "kms:DescribeKey", Condition={"StringEquals": source}, **principal
        ),
    }
    of_bucket = [statements[one] for one in ("Look", "Write") if one != missing]
    aws.client("s3").create_bucket(Bucket=name)
    aws.client("s3").put_bucket_policy(Bucket=name, Policy=document(*of_bucket))
    of_key = [KEY, *([statements["Key"]] if missing != "Key" else [])]
    key = aws.client("kms").create_key(Policy=document(*of_key))["KeyMetadata"]["Arn"]
    trails = aws.client("cloudtrail")
    code = denied(trails.create_trail, Name=name, S3BucketName=name, KmsKeyId=key)[0]
    policy = "Encryption" if missing == "Key" else "S3Bucket"
    assert code == (f"Insufficient{policy}PolicyException" if missing else "")
