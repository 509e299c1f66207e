"""The ledger: what is missing of it, and what of one colour the other one reaches."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.policies.harness import (
    Document,
    Mutant,
    Mutation,
    Pair,
    also,
    body,
    both,
    change,
    name_like,
    names,
    on,
    remove,
)

CLUSTER = "aws_rds_cluster"
PARAMETERS = "aws_rds_cluster_parameter_group"
INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"
SECRET, SECRET_POLICY = "aws_secretsmanager_secret", "aws_secretsmanager_secret_policy"
ROLE_POLICY = "aws_iam_role_policy"
FUNCTION, SERVICE, TASK = "aws_lambda_function", "aws_ecs_service", "aws_ecs_task_definition"
MOVERS = ("ledger_migrate", "ledger_move", "ledger_setup", "ledger_watch")
NAMES = ("ledger", "ledger-setup", "ledger-health", "ledger-migrate")
ISOLATED = "CKV2_BG_306"
Found = Callable[[Document], set[Pair]]

nothing = also()


def crossing(document: Document) -> set[Pair]:
    """All that only a complete ledger allows."""
    found = {
        (ISOLATED, f"{type_}.{name}")
        for type_ in (INGRESS, EGRESS)
        for name in names(document, type_)
        if any(f"{colour}-database_{other}-application" in name for colour, other in PAIRS)
    }
    found |= {
        (ISOLATED, f"{ROLE_POLICY}.{n}") for n in names(document, ROLE_POLICY) if "fargate_application" in n
    }
    found |= {
        (ISOLATED, f"{SECRET_POLICY}.{n}") for n in names(document, SECRET_POLICY) if "credentials" in n
    }
    assert len(found) == 8
    return found


PAIRS = (("blue", "green"), ("green", "blue"))


def parameter(colour: str, name: str, value: str | None) -> Mutation:
    """Gives a parameter of a colour's cluster another value; None takes it out."""

    def mutate(document: Document) -> None:
        group = body(document, PARAMETERS, colour)
        found = [entry for entry in group["parameter"] if entry["name"] != name]
        if value is not None:
            found.append({"name": name, "value": value, "apply_method": "pending-reboot"})
        group["parameter"] = found

    return mutate


def told(part: str, **variables: str | None) -> Mutation:
    """Gives a function other variables; None takes one out."""

    def mutate(document: Document) -> None:
        environment = body(document, FUNCTION, part)["environment"]["variables"]
        for name, value in variables.items():
            environment.pop(name)
            if value is not None:
                environment[name] = value

    return mutate


def statement(part: str, type_: str = ROLE_POLICY, **grant: Any) -> Mutation:
    """Adds a statement to a policy."""

    def mutate(document: Document) -> None:
        own = body(document, type_, part)
        policy = json.loads(own["policy"])
        granted = {key: value(document) if callable(value) else value for key, value in grant.items()}
        policy["Statement"].append({"Sid": "More", "Effect": "Allow", **granted})
        own["policy"] = json.dumps(policy)

    return mutate


def secret(part: str) -> Callable[[Document], str]:
    return lambda document: f"${{{SECRET}.{name_like(document, SECRET, part)}.arn}}"


def administrator(colour: str) -> Callable[[Document], str]:
    return secret(f"{colour}-database_administrator")


def reads(colour: str, what: Callable[[Document], str] | str) -> Mutation:
    """The service of a colour may read something more."""
    return statement(f"{colour}-fargate_application", Action=["secretsmanager:GetSecretValue"], Resource=what)


def without_own_rights(colour: str) -> Mutation:
    """The service of a colour may not read the other colour's application secret."""

    def mutate(document: Document) -> None:
        other = "green" if colour == "blue" else "blue"
        name = name_like(document, SECRET, f"{other}-credentials")
        own = body(document, ROLE_POLICY, f"{colour}-fargate_application")
        policy = json.loads(own["policy"])
        for granted in policy["Statement"]:
            granted["Resource"] = [r for r in granted["Resource"] if name not in str(r)] or granted[
                "Resource"
            ]
        own["policy"] = json.dumps(policy)
        at = body(document, SECRET_POLICY, f"{other}-credentials")
        role = name_like(document, "aws_iam_role", f"{colour}_role")
        document_ = json.loads(at["policy"])
        for granted in document_["Statement"]:
            principals = granted.get("Principal", {})
            if isinstance(principals, dict) and isinstance(principals.get("AWS"), list):
                principals["AWS"] = [arn for arn in principals["AWS"] if role not in arn]
            readers = granted.get("Condition", {}).get("ArnNotEquals", {})
            for key, arns in readers.items():
                readers[key] = [arn for arn in arns if role not in arn]
        at["policy"] = json.dumps(document_)

    return mutate


def injected(colour: str, what: Callable[[Document], str]) -> Mutation:
    """The tasks of a colour are started with one more secret."""

    def mutate(document: Document) -> None:
        task = body(document, TASK, colour)
        containers = json.loads(task["container_definitions"])
        containers[0]["secrets"].append({"name": "MORE", "valueFrom": what(document)})
        task["container_definitions"] = json.dumps(containers)

    return mutate


def untold(colour: str, *keys: str) -> Mutation:
    """The tasks of a colour have no variables of these names."""

    def mutate(document: Document) -> None:
        task = body(document, TASK, colour)
        containers = json.loads(task["container_definitions"])
        for container in containers:
            container["environment"] = [e for e in container["environment"] if e["name"] not in keys]
        task["container_definitions"] = json.dumps(containers)

    return mutate


def rule(type_: str, part: str, **arguments: Any) -> Mutation:
    return change(type_, part, **arguments)


def function_into(colour: str, other: str) -> Mutation:
    """The rotation of a colour reaches the other one's database."""

    def mutate(document: Document) -> None:
        pattern = body(document, INGRESS, f"{colour}-database_{colour}-rotation")
        group = body(document, INGRESS, f"{other}-database_{other}-rotation")["security_group_id"]
        document["resource"][INGRESS]["more"] = pattern | {"security_group_id": group}

    return mutate


def off(document: Document) -> None:
    """No ledger at all, as `ledger.replicate = false` makes it."""
    for colour, other in PAIRS:
        for type_ in (INGRESS, EGRESS):
            for source in ("database", "application"):
                remove(type_, f"{colour}-database_{other}-{source}")(document)
        for name in ("replicate-wild-do-table", "replicate-ignore-db"):
            parameter(colour, name, None)(document)
        without_own_rights(colour)(document)
        untold(colour, *(f"{c}_DATABASE_{key}" for c in ("BLUE", "GREEN") for key in ("HOST", "SECRET_ARN")))(
            document
        )
    for type_, bodies in list(document["resource"].items()):
        for name in [name for name in bodies if name.startswith("ledger_")]:
            del document["resource"][type_][name]
    for type_ in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"):
        for name in [n for n, b in document["resource"][type_].items() if "ledger_" in json.dumps(b)]:
            del document["resource"][type_][name]
    for name in [n for n, b in document["output"].items() if "ledger_" in json.dumps(b)]:
        del document["output"][name]
    for type_ in (INGRESS, EGRESS):
        for name in [n for n, b in document["resource"][type_].items() if "ledger_" in json.dumps(b)]:
            del document["resource"][type_][name]
    for colour, _ in PAIRS:
        _kept_by_rds(document, colour)
    dashboard = body(document, "aws_cloudwatch_dashboard")
    widgets = json.loads(dashboard["dashboard_body"])["widgets"]
    left = [widget for widget in widgets if "ledger" not in json.dumps(widget).lower()]
    dashboard["dashboard_body"] = json.dumps({"widgets": left})


def _kept_by_rds(document: Document, colour: str) -> None:
    """The administrator's password, where nothing replicates."""
    name = name_like(document, CLUSTER, colour)
    own = document["resource"][CLUSTER][name]
    for argument in ("master_password_wo", "master_password_wo_version"):
        del own[argument]
    own |= {"manage_master_user_password": True, "master_user_secret_kms_key_id": own["kms_key_id"]}
    secret_ = f"${{{SECRET}.{name_like(document, SECRET, f'{colour}-database_administrator')}.arn}}"
    managed = f"${{{CLUSTER}.{name}.master_user_secret[0].secret_arn}}"
    calls = body(document, "aws_iam_role_policy", f"{colour}-credentials_rotation_calls")
    calls["policy"] = calls["policy"].replace(secret_, managed)
    variables = body(document, "aws_lambda_function", f"{colour}-credentials_rotation")["environment"][
        "variables"
    ]
    variables["ADMIN_SECRET_ARN"] = managed
    for type_, bodies in document["resource"].items():
        for found in [one for one in bodies if f"{colour}-database_administrator" in one]:
            del document["resource"][type_][found]
    del document["ephemeral"]["aws_secretsmanager_random_password"][f"{colour}-administrator"]


MISSING = [
    *(
        Mutant(
            f"ledger: {colour} can't replicate, {end}",
            remove(type_, f"{source}-database_{colour}-database"),
            also(on("CKV2_BG_300", CLUSTER, colour), crossing),
        )
        for colour, source, end, type_ in (
            ("blue", "green", "refused by green", INGRESS),
            ("green", "blue", "no way out of green", EGRESS),
        )
    ),
    Mutant(
        "ledger: replication at another port",
        rule(INGRESS, "blue-database_green-database", from_port=3307, to_port=3307),
        also(on("CKV2_BG_300", CLUSTER, "green"), crossing),
    ),
    *(
        Mutant(
            f"ledger: {colour} lacks {name}",
            parameter(colour, name, None),
            also(on("CKV_BG_301", PARAMETERS, colour), crossing),
        )
        for colour, name in (("blue", "replicate-wild-do-table"), ("green", "replicate-ignore-db"))
    ),
    Mutant(
        "ledger: a filter that lets everything pass",
        parameter("green", "replicate-wild-do-table", "%.%"),
        also(on("CKV_BG_301", PARAMETERS, "green"), crossing),
    ),
    *(
        Mutant(
            f"ledger: {name} is {value}",
            parameter("green", name, value),
            on("CKV_BG_302", PARAMETERS, "green"),
        )
        for name, value in (
            ("gtid-mode", "OFF_PERMISSIVE"),
            ("enforce_gtid_consistency", None),
            ("event_scheduler", "OFF"),
            ("innodb_flush_log_at_trx_commit", "0"),
            ("log_bin_trust_function_creators", None),
            ("binlog_backup", "1"),
        )
    ),
    Mutant(
        "ledger: a short retention of the binary log",
        told("ledger_setup", BINLOG_RETENTION_HOURS="4"),
        on("CKV2_BG_303", FUNCTION, "ledger_setup"),
    ),
    Mutant(
        "ledger: no retention of the binary log",
        told("ledger_setup", BINLOG_RETENTION_HOURS=None),
        on("CKV2_BG_303"),
    ),
    Mutant(
        "ledger: a service that can't reach green's database",
        remove(INGRESS, "green-database_blue-application"),
        on("CKV2_BG_304", SERVICE, "blue"),
    ),
    Mutant(
        "ledger: a service without a way out to blue's database",
        remove(EGRESS, "blue-database_green-application"),
        on("CKV2_BG_304", SERVICE, "green"),
    ),
    Mutant(
        "ledger: a service that may not read the writer's secret",
        without_own_rights("green"),
        on("CKV2_BG_304", SERVICE, "green"),
    ),
    Mutant(
        "ledger: tasks that don't know the other database",
        untold("blue", "GREEN_DATABASE_HOST"),
        on("CKV2_BG_304", TASK, "blue"),
    ),
    Mutant(
        "ledger: no function reaches both databases",
        both(*(remove(INGRESS, f"blue-database_{name}-ingress") for name in NAMES)),
        also(
            *(on("CKV2_BG_305", FUNCTION, mover) for mover in MOVERS),
            crossing,
            on("CKV_BG_410", "aws_secretsmanager_secret_rotation", "ledger_"),
        ),
    ),
]

REACHED = [
    Mutant(
        "isolation: a task is started with a secret of the ledger",
        injected("blue", secret("ledger_green-health")),
        on(ISOLATED, TASK, "blue"),
    ),
    Mutant(
        "isolation: a service reads the other administrator's secret",
        reads("blue", administrator("green")),
        on(ISOLATED, ROLE_POLICY, "blue-fargate_application"),
    ),
    Mutant(
        "isolation: a service reads its own administrator's secret",
        reads("green", administrator("green")),
        on(ISOLATED, ROLE_POLICY, "green-fargate_application"),
    ),
    *(
        Mutant(
            f"isolation: a service reads the ledger's {kind} account",
            reads("green", secret(f"ledger_blue-{kind}")),
            on(ISOLATED, ROLE_POLICY, "green-fargate_application"),
        )
        for kind in ("mover", "replication", "health")
    ),
    Mutant(
        "isolation: a service reads by a pattern",
        reads("blue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments-local/green/*"),
        on(ISOLATED, ROLE_POLICY, "blue-fargate_application"),
    ),
    Mutant(
        "isolation: a secret of the ledger admits a service",
        statement(
            "ledger_green-replication",
            SECRET_POLICY,
            Principal=lambda d: {
                "AWS": [f"${{aws_iam_role.{name_like(d, 'aws_iam_role', 'blue_role')}.arn}}"]
            },
            Action="secretsmanager:GetSecretValue",
            Resource="*",
        ),
        on(ISOLATED, SECRET_POLICY, "ledger_green-replication"),
    ),
    Mutant(
        "isolation: a rotation reaches the other database",
        function_into("blue", "green"),
        on(ISOLATED, INGRESS, "more"),
    ),
    Mutant(
        "isolation: a service reaches the other database on every port",
        rule(INGRESS, "green-database_blue-application", from_port=0, to_port=65535),
        on(ISOLATED, INGRESS, "green-database_blue-application"),
    ),
]

HARMLESS = [
    Mutant("harmless: no ledger at all", off, nothing),
    Mutant("harmless: GTIDs in permissive mode", parameter("blue", "gtid-mode", "ON_PERMISSIVE"), nothing),
    Mutant(
        "harmless: the usual binary log",
        both(*(parameter("green", name, None) for name in ("aurora_enhanced_binlog", "binlog_backup"))),
        nothing,
    ),
]

MUTANTS = [*MISSING, *REACHED, *HARMLESS]


def alone(mutants: list[Mutant], *names: str) -> list[Mutant]:
    """Those of these names in a stack without a ledger: with one, the defect leaves it incomplete, too."""
    assert set(names) <= {mutant.name for mutant in mutants}
    return [
        replace(mutant, mutate=both(off, mutant.mutate)) if mutant.name in names else mutant
        for mutant in mutants
    ]
