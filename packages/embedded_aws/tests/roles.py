"""Roles of a test, which services may assume, and which may do anything."""

import contextlib
import json
from typing import Any

from embedded_aws import ACCOUNT_ID

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def trust(*services: str) -> str:
    """A trust policy for services, such as `lambda.amazonaws.com`."""
    statement = {"Effect": "Allow", "Principal": {"Service": list(services)}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role_of_anything(iam: Any, name: str, *services: str) -> str:
    """A role for these services with the rights of an administrator; where there is one, that. Its ARN."""
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(*services))
        iam.attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
    return f"arn:aws:iam::{ACCOUNT_ID}:role/{name}"
