"""Roles of a test, which may do anything, and resources that services may use."""

import contextlib
import json
from typing import Any

from embedded_aws import ACCOUNT_ID, LocalAws

EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)


def trust(*services: str) -> str:
    """A trust policy for services, such as `lambda.amazonaws.com`."""
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role_of_anything(iam: Any, name: str, *services: str) -> str:
    """A role for these services with the rights of an administrator; where there is one, that. Its ARN."""
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(*services))
        iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=EVERYTHING)
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"


def let_in(aws: LocalAws, arn: str, service: str) -> None:
    """Let one of AWS's services use a queue, a topic or a function: of the kind that the ARN is."""
    kind, name = arn.split(":")[2], arn.rpartition(":")[2]
    action = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish", "sqs": "sqs:SendMessage"}[kind]
    client = aws.client(kind)
    if kind == "lambda":
        with contextlib.suppress(client.exceptions.ResourceConflictException):
            client.add_permission(FunctionName=arn, StatementId="let-in", Action=action, Principal=service)
        return
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    if kind == "sns":
        client.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    else:
        url = client.get_queue_url(QueueName=name)["QueueUrl"]
        client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
