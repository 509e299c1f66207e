"""Who may do what: identity policies, boundaries, session policies, resource policies; and how it is refused.

IAM user guide, "Policy evaluation logic", "Troubleshoot access denied error messages".
"""

import json
import uuid
from typing import Any

import embedded_aws
import pytest
from embedded_aws import ACCOUNT_ID, LocalAws

from packages.embedded_aws.tests.authorisation.acting import HERE, Acting, allow, denied, document
from packages.embedded_aws.tests.conftest import create_function
from packages.embedded_aws.tests.invoking import invoke

PARAMETER = f"arn:aws:ssm:{HERE}:parameter"
CALLS: list[tuple[str, str, dict[str, Any], str]] = [
    ("ssm", "get_parameter", {"Name": "a"}, "AccessDeniedException"),
    ("dynamodb", "get_item", {"TableName": "t", "Key": {"k": {"S": "v"}}}, "AccessDeniedException"),
    ("lambda", "list_functions", {}, "AccessDeniedException"),
    ("iam", "list_roles", {}, "AccessDenied"),
    ("cloudwatch", "describe_alarms", {}, "AccessDenied"),
    ("s3", "list_objects_v2", {"Bucket": "bucket-that-is-not"}, "AccessDenied"),
    ("ec2", "describe_vpcs", {}, "UnauthorizedOperation"),
    ("sns", "publish", {"TopicArn": f"arn:aws:sns:{HERE}:t", "Message": "m"}, "AuthorizationError"),
]


@pytest.mark.parametrize(("service", "operation", "arguments", "code"), CALLS, ids=[c[0] for c in CALLS])
def test_a_role_without_policies_may_do_nothing(
    aws: LocalAws, service: str, operation: str, arguments: dict[str, Any], code: str
) -> None:
    found, message = denied(getattr(Acting(aws).client(service), operation), **arguments)
    assert found == code
    assert "is not authorized to perform: " in message
    assert "because no identity-based policy allows the " in message


def test_a_role_may_do_what_its_policy_names_and_nothing_else(aws: LocalAws) -> None:
    name = f"/pay/{uuid.uuid4()}"
    aws.client("ssm").put_parameter(Name=name, Value="blue", Type="String")
    ssm = Acting(aws, allow("ssm:GetParameters", on=f"{PARAMETER}{name}")).client("ssm")
    assert ssm.get_parameters(Names=[name])["Parameters"][0]["Value"] == "blue"
    assert denied(ssm.get_parameters, Names=[name, "/other"])[0] == "AccessDeniedException"
    assert denied(ssm.put_parameter, Name=name, Value="green", Overwrite=True)[0] == "AccessDeniedException"


def test_who_it_is_may_always_be_asked(aws: LocalAws) -> None:
    role = Acting(aws, {"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert f"assumed-role/{role.name}/test" in role.client("sts").get_caller_identity()["Arn"]


def test_a_deny_wins_and_is_named(aws: LocalAws) -> None:
    ssm = Acting(aws, allow("*"), {"Effect": "Deny", **allow("ssm:Get*")}).client("ssm")
    _, message = denied(ssm.get_parameter, Name="a")
    assert message.endswith("with an explicit deny in an identity-based policy")


def test_a_boundary_and_a_session_policy_limit(aws: LocalAws) -> None:
    boundary = aws.client("iam").create_policy(
        PolicyName=f"boundary-{uuid.uuid4()}", PolicyDocument=document(allow("ssm:*"))
    )["Policy"]["Arn"]
    bounded = Acting(aws, allow("*"), boundary=boundary)
    assert denied(bounded.client("ssm").describe_parameters) == ("", "")
    assert "no permissions boundary allows" in denied(bounded.client("ec2").describe_vpcs)[1]
    narrowed = Acting(aws, allow("*"), Policy=document(allow("ssm:*")))
    assert denied(narrowed.client("ssm").describe_parameters) == ("", "")
    assert "no session policy allows" in denied(narrowed.client("ec2").describe_vpcs)[1]


def test_in_one_account_a_resource_policy_suffices(aws: LocalAws) -> None:
    role, sqs = Acting(aws), aws.client("sqs")
    url = sqs.create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"]
    send = {"QueueUrl": url, "MessageBody": "m"}
    assert denied(role.client("sqs").send_message, **send)[0] == "AccessDeniedException"
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = document(allow("sqs:SendMessage", on=arn, Principal={"AWS": role.arn}))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert denied(role.client("sqs").send_message, **send) == ("", "")


def test_the_deny_of_a_resource_binds_administrators_too(aws: LocalAws) -> None:
    secrets = aws.client("secretsmanager")
    name = f"secret-{uuid.uuid4()}"
    arn = secrets.create_secret(Name=name, SecretString="s")["ARN"]
    reads = allow("secretsmanager:GetSecretValue", Principal="*", Effect="Deny")
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=document(reads))
    message = denied(secrets.get_secret_value, SecretId=name)[1]
    assert f"on resource: {arn} with an explicit deny in a resource-based policy" in message
    assert denied(secrets.describe_secret, SecretId=name) == ("", "")


def test_another_account_needs_both(aws: LocalAws) -> None:
    bucket, s3 = f"bucket-{uuid.uuid4()}", aws.client("s3")
    s3.create_bucket(Bucket=bucket)
    foreign = embedded_aws.as_administrator_of(aws, "444455556666").client("s3")
    assert denied(foreign.list_objects_v2, Bucket=bucket)[0] == "AccessDenied"
    lets = allow("s3:ListBucket", on=f"arn:aws:s3:::{bucket}", Principal={"AWS": "444455556666"})
    s3.put_bucket_policy(Bucket=bucket, Policy=document(lets))
    assert denied(foreign.list_objects_v2, Bucket=bucket) == ("", "")


def test_a_role_is_assumed_by_whom_it_trusts(aws: LocalAws) -> None:
    """IAM user guide, "Policy evaluation logic": a trust policy has to name the caller or its account."""
    role = Acting(aws, allow("sts:AssumeRole"))
    target = Acting(aws)
    assume = role.client("sts").assume_role
    assert denied(assume, RoleArn=target.arn, RoleSessionName="test")[0] == "AccessDenied"
    trusts = {"Principal": {"AWS": ACCOUNT_ID}, "Action": "sts:AssumeRole"}
    aws.client("iam").update_assume_role_policy(RoleName=target.name, PolicyDocument=document(trusts))
    assert denied(assume, RoleArn=target.arn, RoleSessionName="test") == ("", "")


def test_a_role_that_is_passed_needs_iam_and_trust(aws: LocalAws) -> None:
    """Service Authorization Reference, CreateStateMachine; Lambda's and Step Functions' own answers."""
    passed = Acting(aws)
    machine = {
        "name": f"machine-{uuid.uuid4()}",
        "definition": json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}),
        "roleArn": passed.arn,
    }
    creator = Acting(aws, allow("states:*")).client("stepfunctions")
    assert "iam:PassRole" in denied(creator.create_state_machine, **machine)[1]
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    lambda_only = allow("iam:PassRole", Condition=to_lambda)
    creator = Acting(aws, allow("states:*"), lambda_only).client("stepfunctions")
    assert "iam:PassRole" in denied(creator.create_state_machine, **machine)[1]
    creator = Acting(aws, allow("states:*", "iam:PassRole")).client("stepfunctions")
    assert "authorized to assume the provided role" in denied(creator.create_state_machine, **machine)[1]
    trusts = {"Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    aws.client("iam").update_assume_role_policy(RoleName=passed.name, PolicyDocument=document(trusts))
    assert denied(creator.create_state_machine, **machine) == ("", "")


def test_a_listener_is_changed_within_the_conditions_of_its_protocol(aws: LocalAws) -> None:
    """Service Authorization Reference, ModifyListener: its condition keys."""
    listener = f"arn:aws:elasticloadbalancing:{HERE}:listener/app/pay/0123456789abcdef/0123456789abcdef"
    https = {"StringEqualsIfExists": {"elasticloadbalancing:ListenerProtocol": "HTTPS"}}
    modifies = allow("elasticloadbalancing:ModifyListener", on=listener, Condition=https)
    elbv2 = Acting(aws, modifies).client("elbv2")
    for protocol, code in (({}, "ListenerNotFound"), ({"Protocol": "HTTP"}, "AccessDenied")):
        assert denied(elbv2.modify_listener, ListenerArn=listener, **protocol)[0] == code


ASKS = """
import boto3

def handler(event, context):
    return boto3.client("ssm").get_parameter(Name=event)["Parameter"]["Value"]
"""


def test_a_function_may_do_what_its_role_may(aws: LocalAws) -> None:
    name, parameter = create_function(aws, ASKS), f"p-{uuid.uuid4()}"
    aws.client("ssm").put_parameter(Name=parameter, Value="blue", Type="String")
    assert invoke(aws, name, parameter).payload == "blue"
    iam = aws.client("iam")
    iam.delete_role_policy(RoleName=name, PolicyName="everything")
    message = invoke(aws, name, parameter).payload["errorMessage"]
    assert f"assumed-role/{name}/{name} is not authorized to perform: ssm:GetParameter" in message
    denials = [one for one in embedded_aws.denials(aws) if one["resource"].endswith(f"parameter/{parameter}")]
    assert [(one["action"], one["operation"]) for one in denials] == [("ssm:GetParameter", "GetParameter")]
    assert denials[0]["caller"].endswith(f"assumed-role/{name}/{name}")
    assert "no identity-based policy allows it" in denials[0]["reason"]


def test_terraform_acts_as_a_role_of_its_own(aws: LocalAws) -> None:
    embedded_aws.as_deploying_role(aws)
    deploying = embedded_aws.as_deploying_role(aws)  # the role is there already
    arn = deploying.client("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/deployer/terraform"
    assert denied(deploying.client("ec2").describe_vpcs) == ("", "")
