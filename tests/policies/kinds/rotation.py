"""Passwords that never change, or that tasks do not get: each clause in three forms."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, _of, added, ref, with_

ROTATION, FUNCTION, TASK, SERVICE = (
    "aws_secretsmanager_secret_rotation",
    "aws_lambda_function",
    "aws_ecs_task_definition",
    "aws_ecs_service",
)
POLICY, SECRET = "aws_iam_role_policy", "aws_secretsmanager_secret"


def rules(colour: str, **arguments: Any) -> Any:
    return with_(ROTATION, f"{colour}-cred", rotation_rules=arguments)


def function(colour: str, **arguments: Any) -> Any:
    """The finding belongs on the function, or on the schedule that has it."""

    def place(document: Document) -> tuple[str, ...]:
        (address,) = with_(FUNCTION, f"{colour}-credentials", **arguments)(document)
        return (address, f"{ROTATION}.{name_like(document, ROTATION, colour + '-cred')}")

    return place


def variable(colour: str, name: str, value: Any) -> Any:
    return function(colour, **{f"environment__variables__{name}": value})


def of_schedule(place: Callable[[Document], Any], colour: str, *more: tuple[str, str]) -> Any:
    """A change elsewhere, because of which the schedule rotates nothing."""

    def placed(document: Document) -> tuple[str, ...]:
        place(document)
        found = [(ROTATION, f"{colour}-cred"), (FUNCTION, f"{colour}-credentials"), *more]
        return tuple(f"{type_}.{name_like(document, type_, part)}" for type_, part in found)

    return placed


def gone(type_: str, part: str) -> Callable[[Document], Any]:
    return lambda document: document["resource"][type_].pop(name_like(document, type_, part))


def statement(part: str, sid: str, **changes: Any) -> Callable[[Document], Any]:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, POLICY, part)
        body = document["resource"][POLICY][name]
        found = json.loads(body["policy"])
        for entry in found["Statement"]:
            if entry["Sid"] == sid:
                entry.update(_of(changes, document))
        body["policy"] = json.dumps(found)
        return (f"{POLICY}.{name}",)

    return place


def injected(colour: str, change: Callable[[str, Document], str]) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, TASK, colour)
        body = document["resource"][TASK][name]
        found = json.loads(body["container_definitions"])
        for entry in found[0]["secrets"]:
            entry["valueFrom"] = change(entry["valueFrom"], document)
        body["container_definitions"] = json.dumps(found)
        return (f"{TASK}.{name}",)

    return place


def other_secret(colour: str) -> Callable[[str, Document], str]:
    def change(text: str, document: Document) -> str:
        name = name_like(document, SECRET, f"{colour}-cred")
        return f"${{{SECRET}.{name}.arn}}{text[text.index('}') + 1 :]}"

    return change


RARE = [
    Case("every 120 days", rules("blue", automatically_after_days=120)),
    Case("a rate of days", rules("green", schedule_expression="rate(100 days)")),
    Case("a rate of hours", rules("blue", schedule_expression="rate(2400 hours)")),
    Case("twice a year", rules("green", schedule_expression="cron(0 5 1 1,7 ? *)")),
    Case("each leap of months", rules("blue", schedule_expression="cron(0 5 1 1/6 ? *)")),
    Case("one year only", rules("green", schedule_expression="cron(0 5 1 * ? 2020)")),
    Case("a day that most months lack", rules("blue", schedule_expression="cron(0 5 31 1,6 ? *)")),
    Case("neither", rules("green", duration="3h")),
]
NOTHING = [
    Case("a handler that is not in the package", function("blue", handler="rotation.nothing.handler")),
    Case("the switch's package", function("green", filename="assets/none.zip")),
    Case("no concurrency", function("blue", reserved_concurrent_executions=0)),
    Case("no concurrency, as text", function("green", reserved_concurrent_executions="0")),
    Case("a second of time", function("blue", timeout=1)),
]
CLOSED = [
    Case(
        "no way out",
        of_schedule(gone("aws_vpc_security_group_egress_rule", "blue-database_blue-rotation"), "blue"),
    ),
    Case(
        "no way in",
        of_schedule(
            gone("aws_vpc_security_group_ingress_rule", "green-database_green-rotation"),
            "green",
            ("aws_security_group", "green-database"),
        ),
    ),
    Case(
        "another port",
        of_schedule(
            with_(
                "aws_vpc_security_group_ingress_rule",
                "green-database_green-rotation",
                from_port=5432,
                to_port=5432,
            ),
            "green",
            ("aws_vpc_security_group_ingress_rule", "green-database_green-rotation"),
        ),
    ),
    Case(
        "no way to the service",
        of_schedule(gone("aws_vpc_security_group_egress_rule", "endpoints_blue-rotation"), "blue"),
    ),
]
KEYS = [
    Case(
        "no use of the key",
        of_schedule(statement("green-credentials_rotation_runtime", "SecretsKey", Effect="Deny"), "green"),
    ),
    Case(
        "through another service only",
        of_schedule(
            statement(
                "blue-credentials_rotation_runtime",
                "SecretsKey",
                Condition={"StringEquals": {"kms:ViaService": "sqs.us-east-1.amazonaws.com"}},
            ),
            "blue",
        ),
    ),
    Case(
        "decrypts only",
        of_schedule(
            statement("green-credentials_rotation_runtime", "SecretsKey", Action=["kms:Decrypt"]), "green"
        ),
    ),
]
OTHERS = [
    Case("green's database", variable("blue", "DB_HOST", ref("aws_rds_cluster", "green", "endpoint"))),
    Case(
        "blue's database for reading",
        variable("green", "DB_READER_HOST", ref("aws_rds_cluster", "blue", "reader_endpoint")),
    ),
    Case(
        "green's administrator",
        variable("blue", "ADMIN_SECRET_ARN", ref(SECRET, "green-database_administrator")),
    ),
    Case("blue's secret", variable("green", "SECRET_ARN", ref(SECRET, "blue-cred"))),
    Case(
        "rights to the other's secret",
        of_schedule(
            statement(
                "blue-credentials_rotation_calls",
                "Rotate",
                Resource=[ref(SECRET, "green-cred"), ref(SECRET, "blue-cred")],
            ),
            "blue",
            (POLICY, "blue-credentials_rotation_calls"),
        ),
    ),
    Case(
        "rights to the other's administrator",
        of_schedule(
            statement(
                "green-credentials_rotation_calls",
                "Rotate",
                Resource=[ref(SECRET, "green-cred"), ref(SECRET, "blue-database_administrator")],
            ),
            "green",
            (POLICY, "green-credentials_rotation_calls"),
        ),
    ),
]
TASKS = [
    Case("the other's secret", injected("green", other_secret("blue"))),
    Case(
        "a secret of old",
        injected(
            "blue", lambda *_: "arn:aws:secretsmanager:us-east-1:123456789012:secret:old-AbCdEf:password::"
        ),
    ),
    Case(
        "the administrator's",
        injected(
            "blue",
            lambda _, document: ref(SECRET, "blue-database_administrator")(document) + ":password::",
        ),
    ),
    Case(
        "a pinned version",
        injected("green", lambda text, _: text.removesuffix("::") + "::0f3c1d2e-0000-4000-8000-000000000001"),
    ),
    Case("a pinned version of blue", injected("blue", lambda text, _: text.removesuffix("::") + "::v1")),
    Case("pending", injected("blue", lambda text, _: text.removesuffix("::") + ":AWSPENDING:")),
    Case("previous", injected("green", lambda text, _: text.removesuffix("::") + ":AWSPREVIOUS:")),
    Case("a stage of its own", injected("blue", lambda text, _: text.removesuffix("::") + ":old:")),
]

WRITES = {"Effect": "Deny", "Resource": "*"}
SHUT = [
    Case(
        "its role denies the last step",
        of_schedule(
            added(
                POLICY,
                "green-credentials_rotation_calls",
                "policy",
                WRITES | {"Action": "secretsmanager:UpdateSecretVersionStage"},
            ),
            "green",
        ),
    ),
    Case(
        "its role denies the key",
        of_schedule(
            added(POLICY, "blue-credentials_rotation_runtime", "policy", WRITES | {"Action": ["kms:*"]}),
            "blue",
        ),
    ),
    Case(
        "the secret denies it",
        of_schedule(
            added(
                "aws_secretsmanager_secret_policy",
                "green-credentials",
                "policy",
                WRITES
                | {
                    "Action": "secretsmanager:Put*",
                    "Principal": {"AWS": ref("aws_iam_role", "green-credentials")},
                },
            ),
            "green",
        ),
    ),
    Case(
        "a role of another service",
        function("green", role=ref("aws_iam_role", "workflow")),
    ),
    Case("no network", function("blue", vpc_config=None)),
    Case(
        "a version of old",
        with_(
            ROTATION,
            "green-cred",
            rotation_lambda_arn=lambda document: ref(FUNCTION, "green-cred")(document) + ":1",
        ),
    ),
]
KEYS_OF_TASKS = [
    Case("the whole secret", injected("green", lambda text, _: text.partition(":")[0])),
    Case("a key that there is none of", injected("blue", lambda text, _: text.replace("word::", "wd::"))),
    Case(
        "the name as the password",
        injected("green", lambda text, _: text.replace(":password:", ":username:")),
    ),
]

CASES = [*SHUT, *KEYS_OF_TASKS, *RARE, *NOTHING, *CLOSED, *KEYS, *OTHERS, *TASKS]
