"""What AWS's services do to a resource: under their own name, with the context keys that each one sends.

EventBridge user guide, "Using resource-based policies", "Troubleshooting", "Using dead-letter queues";
CloudWatch user guide, "Notify users on alarm changes"; SNS developer guide, "Subscribe an SQS queue";
Secrets Manager user guide, "Turn on rotation"; Application Load Balancers, "Enable access logs".
"""

import json
import uuid
from typing import Any

import embedded_aws
import pytest
from embedded_aws import ACCOUNT_ID, LocalAws

from packages.embedded_aws.tests.authorisation.acting import Acting, Statement, allow, denied, document
from packages.embedded_aws.tests.conftest import create_function
from packages.embedded_aws.tests.machines import eventually
from packages.embedded_aws.tests.roles import let_in

OF_THE_ACCOUNT = {"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}
OF_ANOTHER = {"StringEquals": {"aws:SourceAccount": "444455556666"}}
EVENTS, ALARMS = "events.amazonaws.com", "cloudwatch.amazonaws.com"


def by(service: str, action: str, condition: Any = None) -> Statement:
    """A service may."""
    more = {"Condition": condition} if condition else {}
    return allow(action, Principal={"Service": service}, **more)


class Topic:
    """A topic with a policy, and a queue that gets what it is told."""

    def __init__(self, aws: LocalAws, *statements: Statement) -> None:
        name = f"topic-{uuid.uuid4()}"
        self.sqs, sns = aws.client("sqs"), aws.client("sns")
        self.arn = sns.create_topic(Name=name, Attributes={"Policy": document(*statements)})["TopicArn"]
        self.queue = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        queue_arn = self.arn.replace(":sns:", ":sqs:")
        let_in(aws, queue_arn, "sns.amazonaws.com")
        sns.subscribe(
            TopicArn=self.arn,
            Protocol="sqs",
            Endpoint=queue_arn,
            Attributes={"RawMessageDelivery": "true"},
        )

    def messages(self) -> list[str]:
        """Those that wait."""
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]


def rule(aws: LocalAws, target: str, **settings: Any) -> tuple[str, str]:
    """A rule with that target: its source and its ARN."""
    events, source = aws.client("events"), f"test.{uuid.uuid4()}"
    arn = events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    events.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": target, **settings}])
    return source, arn


def put(aws: LocalAws, source: str) -> None:
    """An event of that source."""
    aws.client("events").put_events(Entries=[{"Source": source, "DetailType": "d", "Detail": "{}"}])


def denials(aws: LocalAws, resource: str) -> list[tuple[str, str]]:
    """Caller and action of what was denied on a resource."""
    found = embedded_aws.denials(aws)
    return [(one["caller"], one["action"]) for one in found if one["resource"] == resource]


@pytest.mark.parametrize(("condition", "heard"), [(None, True), (OF_THE_ACCOUNT, False)])
def test_events_reach_a_topic_that_asks_for_no_account(aws: LocalAws, condition: Any, heard: bool) -> None:
    """EventBridge sends neither account nor ARN when it publishes."""
    topic = Topic(aws, by(EVENTS, "sns:Publish", condition))
    put(aws, rule(aws, topic.arn)[0])
    assert bool(topic.messages()) is heard
    assert denials(aws, topic.arn) == ([] if heard else [(EVENTS, "sns:Publish")])


@pytest.mark.parametrize("keyed", [True, False])
def test_events_use_the_key_of_a_topic_without_a_condition(aws: LocalAws, keyed: bool) -> None:
    condition = None if keyed else OF_THE_ACCOUNT
    administration = allow("kms:PutKeyPolicy", "kms:DescribeKey", Principal={"AWS": ACCOUNT_ID})
    uses = [by(EVENTS, action, condition) for action in ("kms:Decrypt", "kms:GenerateDataKey")]
    key = aws.client("kms").create_key(Policy=document(administration, *uses))["KeyMetadata"]["Arn"]
    topic = Topic(aws, by(EVENTS, "sns:Publish"))
    aws.client("sns").set_topic_attributes(
        TopicArn=topic.arn, AttributeName="KmsMasterKeyId", AttributeValue=key
    )
    put(aws, rule(aws, topic.arn)[0])
    assert bool(topic.messages()) is keyed


def test_what_a_function_denies_is_a_dead_letter(aws: LocalAws) -> None:
    """The rule's ARN is sent to functions and queues; the account to queues only."""
    name = create_function(aws, "def handler(event, context): return event")
    function = aws.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    queue = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    queue_arn = function.replace(":lambda:", ":sqs:").replace(":function:", ":")
    source, arn = rule(aws, function, DeadLetterConfig={"Arn": queue_arn})
    condition = {"ArnEquals": {"aws:SourceArn": arn}, **OF_THE_ACCOUNT}
    policy = document({**by(EVENTS, "sqs:SendMessage", condition), "Resource": queue_arn})
    aws.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    put(aws, source)
    (letter,) = aws.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(letter["Body"])["source"] == source
    assert denials(aws, function) == [(EVENTS, "lambda:InvokeFunction")]


def test_a_function_is_invoked_by_the_rule_that_it_names(aws: LocalAws) -> None:
    name = create_function(aws, "def handler(event, context): return event")
    function = aws.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    for account, heard in (("", True), (ACCOUNT_ID, False)):
        source, arn = rule(aws, function)
        more = {"SourceAccount": account} if account else {}
        aws.client("lambda").add_permission(
            FunctionName=name,
            StatementId=f"s{len(account)}",
            Action="lambda:InvokeFunction",
            Principal=EVENTS,
            SourceArn=arn,
            **more,
        )
        before = len(denials(aws, function))
        put(aws, source)
        assert (len(denials(aws, function)) == before) is heard


@pytest.mark.parametrize(("condition", "heard"), [(OF_THE_ACCOUNT, True), (OF_ANOTHER, False)])
def test_an_alarm_publishes_with_its_arn_and_account(aws: LocalAws, condition: Any, heard: bool) -> None:
    topic, name = Topic(aws, by(ALARMS, "sns:Publish", condition)), f"alarm-{uuid.uuid4()}"
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName="m",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic.arn],
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    found: Any = eventually(lambda: topic.messages() or denials(aws, topic.arn), "notification or denial")
    if heard:
        message = json.loads(found[0])
        assert (message["AlarmName"], message["NewStateValue"]) == (name, "ALARM")
    else:
        assert found == [(ALARMS, "sns:Publish")]


def test_a_topic_reaches_queues_that_let_it(aws: LocalAws) -> None:
    topic = Topic(aws, allow("sns:Publish", Principal={"AWS": ACCOUNT_ID}))
    other = {"ArnEquals": {"aws:SourceArn": f"{topic.arn}-other"}}
    for condition, heard in ((None, True), (other, False)):
        policy = document(by("sns.amazonaws.com", "sqs:SendMessage", condition))
        topic.sqs.set_queue_attributes(QueueUrl=topic.queue, Attributes={"Policy": policy})
        aws.client("sns").publish(TopicArn=topic.arn, Message="m")
        assert bool(topic.messages()) is heard


def test_the_log_of_a_load_balancer_is_tried_when_it_is_switched_on(aws: LocalAws) -> None:
    """Elastic Load Balancing sends neither ARN nor account, as far as its guide says."""
    bucket, elbv2, ec2 = f"bucket-{uuid.uuid4()}", aws.client("elbv2"), aws.client("ec2")
    aws.client("s3").create_bucket(Bucket=bucket)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for n, zone in enumerate("ab")
    ]
    balancer = elbv2.create_load_balancer(
        Name=f"lb-{uuid.uuid4().hex[:12]}", Subnets=[one["Subnet"]["SubnetId"] for one in subnets]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    values = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": bucket}
    asked = {
        "LoadBalancerArn": balancer,
        "Attributes": [{"Key": name, "Value": value} for name, value in values.items()],
    }
    delivery, path = "logdelivery.elasticloadbalancing.amazonaws.com", f"arn:aws:s3:::{bucket}/AWSLogs/*"
    for condition, code in ((OF_THE_ACCOUNT, "InvalidConfigurationRequest"), (None, "")):
        policy = document({**by(delivery, "s3:PutObject", condition), "Resource": path})
        aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
        assert denied(elbv2.modify_load_balancer_attributes, **asked)[0] == code


def test_a_function_in_a_vpc_goes_through_the_endpoint(aws: LocalAws) -> None:
    """AWS PrivateLink guide, "Control access to VPC endpoints using endpoint policies"."""
    ec2, ssm = aws.client("ec2"), "com.amazonaws.us-east-1.ssm"
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    asks = "import boto3\ndef handler(event, context): boto3.client('ssm').describe_parameters()"
    name = create_function(aws, asks, VpcConfig={"SubnetIds": [subnet], "SecurityGroupIds": [group]})
    invoked = aws.client("lambda").invoke(FunctionName=name)
    assert "FunctionError" not in invoked
    none = document({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"})
    ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName=ssm, VpcEndpointType="Interface", PrivateDnsEnabled=True, PolicyDocument=none
    )
    invoked = aws.client("lambda").invoke(FunctionName=name)
    assert b"with an explicit deny in a VPC endpoint policy" in invoked["Payload"].read()


def test_a_function_without_permission_has_no_log(aws: LocalAws) -> None:
    name = create_function(aws, "def handler(event, context): print('printed')")
    aws.client("iam").delete_role_policy(RoleName=name, PolicyName="everything")
    aws.client("lambda").invoke(FunctionName=name)
    groups = aws.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{name}")["logGroups"]
    assert groups == []
    found = [one["action"] for one in embedded_aws.denials(aws) if f"assumed-role/{name}/" in one["caller"]]
    assert found[:1] == ["logs:CreateLogStream"]


def test_a_function_whose_role_no_longer_trusts_lambda_does_not_run(aws: LocalAws) -> None:
    name = create_function(aws, "def handler(event, context): return 1")
    trusts = {"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    aws.client("iam").update_assume_role_policy(RoleName=name, PolicyDocument=document(trusts))
    code, message = denied(aws.client("lambda").invoke, FunctionName=name)
    assert (code, message) == (
        "AccessDeniedException",
        "The role defined for the function cannot be assumed by Lambda.",
    )


def test_what_would_be_denied_with_another_document(aws: LocalAws) -> None:
    """The server decides anew what it has allowed."""
    role = Acting(aws, allow("ssm:DescribeParameters"))
    role.client("ssm").describe_parameters()
    instead = {document(allow("ssm:DescribeParameters")): document(allow("ssm:GetParameter"))}

    def denied_now(instead: dict[str, str]) -> list[str]:
        found = aws.control("POST", "recheck", {"instead": instead})["denied"]
        return [need["action"] for need in found if f"assumed-role/{role.name}/" in need["caller"]]

    assert denied_now({}) == []
    assert denied_now(instead) == ["ssm:DescribeParameters"]
    same = {document(allow("ssm:DescribeParameters")): document(allow("ssm:Describe*"))}
    asked = {"alternatives": [instead, same, {"not a document of it": "{}"}]}
    assert aws.control("POST", "changed-by", asked)["changed"] == [True, False, False]
    assert denied(role.client("ssm").describe_parameters) == ("", "")


def test_a_schedule_reaches_its_function_under_the_arn_of_its_rule(aws: LocalAws) -> None:
    name = create_function(aws, "def handler(event, context): return event")
    function = aws.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    rule_arn = aws.client("events").put_rule(Name=name, ScheduleExpression="rate(1 hour)")["RuleArn"]
    aws.client("events").put_targets(Rule=name, Targets=[{"Id": "1", "Arn": function}])
    for expected in (1, 1):
        assert embedded_aws.run_schedule(aws, name) == [function]
        assert len(denials(aws, function)) == expected
        with_rule = {"Principal": EVENTS, "SourceArn": rule_arn, "Action": "lambda:InvokeFunction"}
        aws.client("lambda").add_permission(FunctionName=name, StatementId=uuid.uuid4().hex, **with_rule)
    aws.client("events").disable_rule(Name=name)
    assert embedded_aws.run_schedule(aws, name) == []
    with pytest.raises(embedded_aws.LocalAwsError, match="no rule unknown with a schedule"):
        embedded_aws.run_schedule(aws, "unknown")
