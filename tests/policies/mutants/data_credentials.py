"""Passwords: where they are, and whether they change."""

import json
from typing import Any

from tests.policies.harness import (
    Document,
    Mutant,
    Mutation,
    also,
    body,
    both,
    change,
    name_like,
    on,
    output,
    remove,
)

CLUSTER = "aws_rds_cluster"
SECRET = "aws_secretsmanager_secret"
VERSION = "aws_secretsmanager_secret_version"
ROTATION = "aws_secretsmanager_secret_rotation"
PERMISSION = "aws_lambda_permission"
PASSWORD = (
    "correct" + "-horse"
)  # put together, so that scanners of this repository don't take it for a real one


def version(colour: str, **value: Any) -> Mutation:
    def mutate(document: Document) -> None:
        name = name_like(document, SECRET, f"{colour}-credentials")
        secret = f"${{{SECRET}.{name}.id}}"
        document["resource"][VERSION] = {"value": {"secret_id": secret, **value}}

    return mutate


def block(kind: str, type_: str, **arguments: Any) -> Mutation:
    return lambda document: document.setdefault(kind, {}).update({type_: {"admin": arguments}})


def refer(type_: str, part: str, argument: str, to: str, attribute: str) -> Mutation:
    def mutate(document: Document) -> None:
        kind, _, named = to.partition(".")
        body(document, type_, part)[argument] = f"${{{kind}.{name_like(document, kind, named)}.{attribute}}}"

    return mutate


def may_not(colour: str, action: str) -> Mutation:
    """The rotation function's role lacks an action."""

    def mutate(document: Document) -> None:
        own = body(document, "aws_iam_role_policy", f"{colour}-credentials_rotation_calls")
        policy = json.loads(own["policy"])
        for statement in policy["Statement"]:
            if action in statement["Action"]:
                statement["Action"] = [a for a in statement["Action"] if a != action]
        own["policy"] = json.dumps(policy)

    return mutate


def of_another_secret(document: Document) -> None:
    """The role of green's rotation function is about blue's secret."""
    own = body(document, "aws_iam_role_policy", "green-credentials_rotation_calls")
    blue, green = (name_like(document, SECRET, f"{colour}-credentials") for colour in ("blue", "green"))
    own["policy"] = own["policy"].replace(f"{SECRET}.{green}", f"{SECRET}.{blue}")


def rotation(policy: str, colour: str, mutate: Mutation, name: str, *more: str) -> Mutant:
    """`more`: parts of the names of further schedules that it concerns."""
    parts = (f"{colour}-credentials", *more)
    return Mutant(name, mutate, also(*(on(policy, ROTATION, part) for part in parts)))


SECRETS = [
    Mutant(
        "no credentials",
        both(remove(SECRET, "credentials"), remove(ROTATION, "credentials")),
        on("CKV2_BG_104"),
    ),
    Mutant(
        "no credentials for green",
        both(remove(SECRET, "green-credentials"), remove(ROTATION, "green-credentials")),
        also(on("CKV2_BG_104"), output("connection_info")),
    ),
    Mutant(
        "green's secret does not rotate",
        remove(ROTATION, "green-credentials"),
        on("CKV_BG_100", SECRET, "green-credentials"),
    ),
    Mutant("no secret rotates", remove(ROTATION), on("CKV_BG_100", SECRET)),
    Mutant(
        "the rotation of green is of blue's secret",
        refer(ROTATION, "green-credentials", "secret_id", f"{SECRET}.blue-credentials", "id"),
        also(
            on("CKV_BG_100", SECRET, "green-credentials"),
            on("CKV_BG_102", ROTATION, "green-credentials"),
            on("CKV_BG_103", ROTATION, "green-credentials"),
            on("CKV_BG_410", ROTATION, "green-credentials"),
        ),
    ),
    Mutant(
        "secret that is deleted at once",
        change(SECRET, "green-credentials", recovery_window_in_days=0),
        on("CKV_BG_132", SECRET, "green-credentials"),
    ),
]

ROTATES = [
    rotation(
        "CKV_BG_101",
        "green",
        change(ROTATION, "green-credentials", rotation_lambda_arn=None),
        "rotation without function",
    ),
    rotation(
        "CKV_BG_101",
        "blue",
        change(
            ROTATION,
            "blue-credentials",
            rotation_lambda_arn="arn:aws:lambda:us-east-1:123456789012:function:gone",
        ),
        "rotation by a function of somewhere else",
    ),
    rotation(
        "CKV_BG_101",
        "green",
        refer(
            ROTATION,
            "green-credentials",
            "rotation_lambda_arn",
            "aws_iam_role.green-credentials_rotation",
            "arn",
        ),
        "rotation by something that is no function",
    ),
    rotation(
        "CKV_BG_102",
        "green",
        remove(PERMISSION, "green-credentials_permission"),
        "rotation function that nobody may invoke",
    ),
    rotation(
        "CKV_BG_102",
        "blue",
        change(PERMISSION, "blue-credentials_permission", principal="events.amazonaws.com"),
        "rotation function that something else may invoke",
    ),
    rotation(
        "CKV_BG_102",
        "green",
        change(PERMISSION, "green-credentials_permission", action="lambda:GetFunction"),
        "rotation function that may be looked at",
    ),
    rotation(
        "CKV_BG_102",
        "green",
        refer(PERMISSION, "green-credentials_permission", "source_arn", f"{SECRET}.blue-credentials", "arn"),
        "rotation function that may be invoked for another secret",
    ),
    rotation(
        "CKV_BG_102",
        "blue",
        change(
            PERMISSION,
            "blue-credentials_permission",
            source_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:other/*",
        ),
        "rotation function that may be invoked for other names",
    ),
    rotation(
        "CKV_BG_103",
        "green",
        may_not("green", "secretsmanager:PutSecretValue"),
        "rotation function that may not write",
        "green-database_administrator",
    ),
    rotation(
        "CKV_BG_103",
        "blue",
        may_not("blue", "secretsmanager:UpdateSecretVersionStage"),
        "rotation function that may not finish",
        "blue-database_administrator",
    ),
    Mutant(
        "rotation function of another secret",
        of_another_secret,
        also(
            *(on(policy, ROTATION, "green-credentials") for policy in ("CKV_BG_103", "CKV_BG_410")),
            on("CKV_BG_410", ROTATION, "green-database_administrator"),
        ),
    ),
]

PASSWORDS = [
    Mutant(
        "literal password of green",
        change(CLUSTER, "green", master_password=PASSWORD),
        on("CKV_BG_119", CLUSTER, "green"),
    ),
    Mutant(
        "literal password in place of one that is only written",
        both(
            change(CLUSTER, "blue", master_password_wo=None),
            change(CLUSTER, "blue", master_password=PASSWORD),
        ),
        on("CKV_BG_119", CLUSTER, "blue"),
    ),
    Mutant(
        "literal password, write-only",
        change(CLUSTER, "green", master_password_wo=PASSWORD),
        on("CKV_BG_119", CLUSTER, "green"),
    ),
    Mutant(
        "password from a variable",
        change(CLUSTER, "green", master_password="${var.password}"),
        on("CKV_BG_119", CLUSTER, "green"),
    ),
    Mutant(
        "password not managed",
        change(CLUSTER, "green", manage_master_user_password=False, master_password_wo=None),
        on("CKV_BG_119", CLUSTER, "green"),
    ),
    Mutant(
        "no password at all",
        change(CLUSTER, "blue", master_password_wo=None),
        on("CKV_BG_119", CLUSTER, "blue"),
    ),
    Mutant(
        "literal value of a secret",
        version("green", secret_string=json.dumps({"username": "payments", "password": PASSWORD})),
        on("CKV_BG_120", VERSION),
    ),
    Mutant(
        "value of a secret from a generator",
        both(
            version("blue", secret_string="${random_password.admin.result}"),
            block("resource", "random_password", length=32),
        ),
        also(on("CKV_BG_120", VERSION), on("CKV2_BG_121", "random_password")),
    ),
    Mutant(
        "binary value of a secret from a variable",
        version("green", secret_binary="${var.key}"),
        on("CKV_BG_120", VERSION),
    ),
    Mutant(
        "literal value of a secret, write-only",
        version("green", secret_string_wo=PASSWORD, secret_string_wo_version=1),
        on("CKV_BG_120", VERSION),
    ),
    Mutant(
        "generated password",
        block("resource", "random_password", length=32),
        on("CKV2_BG_121", "random_password"),
    ),
    Mutant(
        "secret read into the state",
        block("data", VERSION, secret_id="payments/blue"),
        lambda _: {("CKV2_BG_121", f"data.{VERSION}.admin")},
    ),
]

MUTANTS = [*SECRETS, *ROTATES, *PASSWORDS]
