"""Secrets that are written out. None of them opens anything: each is put together here."""

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import STACK, Document, Mutant, Mutation, Pair, also, body, change, on

POLICY = "CKV2_BG_250"
FUNCTION, PARAMETER = "aws_lambda_function", "aws_ssm_parameter"
SWITCH = (FUNCTION, "switching_switch")
VALUE = "-".join(("correct", "horse", "7Battery"))
KEY_ID = "AKIA" + "Q7EXAMPLE7EXAMPL"
PRIVATE_KEY = "\n".join(
    ("-----BEGIN " + "RSA PRIVATE KEY-----", "MIIB", "-----END " + "RSA PRIVATE KEY-----")
)
WEB_TOKEN = ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiJzd2l0Y2gifQ", "c2lnbmF0dXJlLW9mLW5vYm9keQ"))
# A type that no policy knows, admitted.
ADMISSION = {"id": "CKV2_BG_260", "comment": "a host for tests", "owner": "tests", "expires": "2027-06-30"}
OWN_REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
ADMITTED = {"//": {"checkov": {"skip": [ADMISSION]}}}
SCRIPT = f"#!/bin/sh\nexport DB_PASSWORD={VALUE}\n./start\n"


def variable(**values: str) -> Mutation:
    return change(*SWITCH, **{f"environment__variables__{name}": value for name, value in values.items()})


def resource(type_: str, **arguments: Any) -> Mutation:
    def mutate(document: Document) -> None:
        document["resource"].setdefault(type_, {})["written"] = arguments

    return mutate


def container(**environment: str) -> str:
    entries = [{"name": name, "value": value} for name, value in environment.items()]
    return json.dumps([{"name": "app", "image": f"{OWN_REGISTRY}/app:1", "environment": entries}])


def output(name: str, value: Any) -> Mutation:
    def mutate(document: Document) -> None:
        document["output"][name] = {"value": value}

    return mutate


def definition(kind: str, name: str, value: Any) -> Mutation:
    """A variable or local that nothing refers to."""

    def mutate(document: Document) -> None:
        document.setdefault(kind, {})[name] = {"default": value} if kind == "variable" else value

    return mutate


def provider(document: Document) -> None:
    document["provider"]["aws"][0] |= {"access_key": KEY_ID, "secret_key": VALUE}


def named_parameter(document: Document) -> None:
    body(document, PARAMETER, "migration-status").update(name="/payments/db-password", insecure_value=VALUE)


def at(address: str) -> Callable[[Document], set[Pair]]:
    return lambda _: {(POLICY, address)}


def written(type_: str) -> Callable[[Document], set[Pair]]:
    return on(POLICY, type_, "written")


IN_ENVIRONMENT = [
    Mutant(f"{name} in the environment", variable(**{name: value}), on(POLICY, *SWITCH))
    for name, value in (
        ("DB_PASSWORD", VALUE),
        ("ApiKey", VALUE),
        ("PAYMENT_TOKEN_2", VALUE),
        ("KEY", KEY_ID),
        ("CERTIFICATE", PRIVATE_KEY),
        ("SESSION", WEB_TOKEN),
        ("DATABASE", f"mysql://payments:{VALUE}@db.internal:3306/payments"),
        ("SETTINGS", json.dumps({"user": "payments", "password": VALUE})),
        ("OPTIONS", f"--user=payments --password={VALUE}"),
    )
]

IN_RESOURCES = [
    Mutant(
        "secure parameter",
        resource(PARAMETER, name="/payments/peer", type="SecureString", value=VALUE, tags={}),
        also(written(PARAMETER), on("CKV_BG_5", PARAMETER, "written")),
    ),
    Mutant(
        "container's environment",
        resource(
            "aws_ecs_task_definition",
            family="app",
            container_definitions=container(DB_PASSWORD=VALUE),
            tags={},
        ),
        also(
            written("aws_ecs_task_definition"),
            *(on(f"CKV_BG_{n}", "aws_ecs_task_definition", "written") for n in (261, 262, 263, 264)),
        ),
    ),
    Mutant(
        "user data",
        resource("aws_launch_template", user_data=SCRIPT, tags={}, **ADMITTED),
        also(written("aws_launch_template"), on("CKV2_BG_260", "aws_launch_template")),
    ),
    Mutant(
        "user data in base64",
        resource(
            "aws_launch_template", user_data=base64.b64encode(SCRIPT.encode()).decode(), tags={}, **ADMITTED
        ),
        also(written("aws_launch_template"), on("CKV2_BG_260", "aws_launch_template")),
    ),
    Mutant(
        "secret in a tag",
        change("aws_security_group", "green-credentials", tags__ApiToken=VALUE),
        on(POLICY, "aws_security_group", "green-credentials"),
    ),
]

ELSEWHERE = [
    Mutant("named parameter", named_parameter, on(POLICY, PARAMETER, "migration-status")),
    Mutant("provider's keys", provider, at("provider.aws")),
    Mutant("output of a password", output("admin_password", VALUE), at("output.admin_password")),
    Mutant("output of a key id", output("deployer", {"id": KEY_ID}), at("output.deployer")),
    Mutant("variable's default", definition("variable", "db_password", VALUE), at("var.db_password")),
    Mutant("key in a variable", definition("variable", "deployer", KEY_ID), at("var.deployer")),
    Mutant("local", definition("locals", "db_password", VALUE), at(STACK)),
]

HARMLESS = [
    Mutant(f"{name} in the environment is no secret", variable(**{name: value}), lambda _: set())
    for name, value in (
        ("DB_SECRET", "payments/green/database"),
        ("DB_SECRET_NAME", "database"),
        ("API_KEY", "${aws_kms_key.other.arn}"),
        ("TOKEN_URL", "https://login.internal:8443/token"),
        ("PASSWORD_LENGTH", "32"),
        ("ACCESS_TOKEN", "minutes"),
        ("COMMAND", "start --password=$DB_PASSWORD"),
        ("NOTE", "The secret: rotated by the function"),
    )
]

MUTANTS = [*HARMLESS, *IN_ENVIRONMENT, *IN_RESOURCES, *ELSEWHERE]
