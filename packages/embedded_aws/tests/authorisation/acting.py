"""Callers of a test: roles with exactly the permissions that are given."""

import json
import uuid
from typing import Any

from botocore.exceptions import ClientError
from embedded_aws import ACCOUNT_ID, REGION, LocalAws
from embedded_aws.access.keys import OPERATOR
from embedded_aws.clients import Credentials, boto_client

HERE = f"{REGION}:{ACCOUNT_ID}"
ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
Statement = dict[str, Any]


def document(*statements: Statement) -> str:
    """A policy with these statements; each allows, unless it says otherwise."""
    found = [{"Effect": "Allow", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": found})


def allow(*actions: str, on: str = "*", **more: Any) -> Statement:
    """`more`: Principal, Condition, …"""
    return {"Action": list(actions), "Resource": on, **more}


class Acting:
    """A session of a new role, whose policy has these statements."""

    def __init__(self, aws: LocalAws, *statements: Statement, **session: str) -> None:
        """`session`: `Policy` of AssumeRole; `boundary`: ARN of a policy."""
        self.aws, self.name = aws, f"role-{uuid.uuid4()}"
        iam, boundary = aws.client("iam"), session.pop("boundary", "")
        trusted = {"Principal": {"AWS": OPERATOR}, "Action": "sts:AssumeRole"}
        limits = {"PermissionsBoundary": boundary} if boundary else {}
        self.arn = iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=document(trusted), **limits)[
            "Role"
        ]["Arn"]
        if statements:
            iam.put_role_policy(RoleName=self.name, PolicyName="own", PolicyDocument=document(*statements))
        found = aws.client("sts").assume_role(RoleArn=self.arn, RoleSessionName="test", **session)
        keys = (found["Credentials"][name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        self.credentials = Credentials(*keys)

    def client(self, service: str) -> Any:
        """Of boto3."""
        return boto_client(service, self.aws.endpoint, self.credentials)


def denied(call: Any, *args: Any, **named: Any) -> tuple[str, str]:
    """Code and message of the refusal; ("", "") where there is none."""
    try:
        call(*args, **named)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    return "", ""
