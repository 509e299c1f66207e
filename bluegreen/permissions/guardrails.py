"""What a role that deploys may never do, whatever another policy says.

Resource policies and trusts of the same account allow by themselves, and the role that applies writes them. A
Deny of its own stops that. IAM user guide, "Policy evaluation logic".
"""

from bluegreen.permissions.scope import PATH, Scope
from bluegreen.permissions.statements import Statement, deny

DATA = [
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetItem",
    "dynamodb:PartiQL*",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "sqs:ReceiveMessage",
    "ssm:StartSession",
]
# IAM's actions that change a role or a policy.
CHANGES = [
    "iam:Add*",
    "iam:Attach*",
    "iam:Create*",
    "iam:Delete*",
    "iam:Detach*",
    "iam:Put*",
    "iam:Set*",
    "iam:Tag*",
]
CHANGES += ["iam:Untag*", "iam:Update*"]


def guardrails(scope: Scope, rotating: list[str]) -> list[Statement]:
    """Of the roles that plan and apply. `rotating`: ARNs of the functions that rotate secrets."""
    account = scope.account
    own = [f"arn:aws:iam::{account}:role{PATH}*", f"arn:aws:iam::{account}:policy{PATH}*"]
    return [
        deny("NotAnotherRole", ["sts:AssumeRole"], ["*"]),
        deny("NotThePlatformsData", DATA, ["*"]),
        deny("NotTheKeyByItself", ["kms:Decrypt"], ["*"], {"Null": {"kms:ViaService": "true"}}),
        deny("NotTheRolesThatDeploy", [*CHANGES, "iam:PassRole"], own),
        deny("NotTheBoundary", CHANGES, [scope.boundary]),
        deny("NotWithoutTheBoundary", ["iam:DeleteRolePermissionsBoundary"], ["*"]),
        # RotateSecret needs the caller's right to invoke the function that rotates.
        {
            "Sid": "NotAFunction",
            "Effect": "Deny",
            "Action": "lambda:InvokeFunction",
            "NotResource": rotating,
        },
    ]
