"""What looks like a defect of the data tier and is none: nothing is found."""

import json
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, both, change, name_like, on, remove
from tests.policies.mutants.ledger import off

CLUSTER = "aws_rds_cluster"
INSTANCE = "aws_rds_cluster_instance"
PARAMETERS = "aws_rds_cluster_parameter_group"
GROUP = "aws_security_group"
INGRESS = "aws_vpc_security_group_ingress_rule"
SECRET = "aws_secretsmanager_secret"
ROTATION = "aws_secretsmanager_secret_rotation"
PERMISSION = "aws_lambda_permission"
SELECTION = "aws_backup_selection"
APPLICATION = "green-database_green-application"
TEMPLATE = "aws_serverlessapplicationrepository_cloudformation_stack"

nothing = also()


def select(**arguments: Any) -> Mutation:
    """Another way to select green's cluster."""
    return change(SELECTION, "green", **{"resources": None} | arguments)


def admit(**rule: Any) -> Mutation:
    return change(INGRESS, APPLICATION, referenced_security_group_id=None, **rule)


def vpc(document: Document) -> None:
    name = name_like(document, "aws_vpc", "")
    admit(cidr_ipv4=f"${{aws_vpc.{name}.cidr_block}}")(document)


def second_network(document: Document) -> None:
    name = name_like(document, "aws_vpc", "")
    association = {"vpc_id": f"${{aws_vpc.{name}.id}}", "cidr_block": "100.64.0.0/16"}
    document["resource"]["aws_vpc_ipv4_cidr_block_association"] = {"pods": association}
    admit(cidr_ipv4="100.64.7.0/24")(document)


def inline_group(document: Document) -> None:
    member = f"${{{GROUP}.{name_like(document, GROUP, 'green_security-group')}.id}}"
    rule = {"from_port": 3306, "to_port": 3306, "protocol": "tcp", "security_groups": [member]}
    body(document, GROUP, "green-database_security-group")["ingress"] = [rule]


def aliased(document: Document) -> None:
    """The rotation goes through an alias of the function."""
    rotation = body(document, ROTATION, "green-credentials")
    arn = rotation["rotation_lambda_arn"]
    alias = {"name": "live", "function_name": arn, "function_version": "1"}
    document["resource"].setdefault("aws_lambda_alias", {})["live"] = alias
    rotation["rotation_lambda_arn"] = "${aws_lambda_alias.live.arn}"


def published(document: Document) -> None:
    """The rotation function is the one that AWS publishes, with its permissions in its own template."""
    document["resource"][TEMPLATE] = {
        "rotator": {"name": "rotator", "application_id": "arn", "capabilities": []}
    }
    change(
        ROTATION,
        "green-credentials",
        rotation_lambda_arn=f"${{{TEMPLATE}.rotator.outputs.RotationLambdaARN}}",
    )(document)
    remove(PERMISSION, "green-credentials_permission")(document)


def managed(document: Document) -> None:
    """Terraform schedules the rotation that RDS does itself, where nothing replicates."""
    off(document)
    cluster = name_like(document, CLUSTER, "green")
    document["resource"][ROTATION]["administrator"] = {
        "secret_id": f"${{{CLUSTER}.{cluster}.master_user_secret[0].secret_arn}}",
        "rotation_rules": {"automatically_after_days": 1},
    }


def by_pattern(document: Document) -> None:
    """The role of green's rotation function names the secret by a pattern."""
    own = body(document, "aws_iam_role_policy", "green-credentials_rotation_calls")
    policy = json.loads(own["policy"])
    pattern = "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments-local/green/*"
    (rotate,) = (s for s in policy["Statement"] if "secretsmanager:PutSecretValue" in s["Action"])
    rotate["Resource"] = pattern
    own["policy"] = json.dumps(policy)


def every_audit_event(document: Document) -> None:
    for entry in body(document, PARAMETERS, "green")["parameter"]:
        if entry["name"] == "server_audit_events":
            entry["value"] = "connect, query"


def replica(document: Document) -> None:
    """Green follows blue's binary log, and has its users from there."""
    source = name_like(document, CLUSTER, "blue")
    green = body(document, CLUSTER, "green")
    green["replication_source_identifier"] = f"${{{CLUSTER}.{source}.arn}}"
    for argument in ("master_password_wo", "master_password_wo_version", "master_username"):
        del green[argument]


def tag(key: str, value: str) -> dict[str, str]:
    return {"key": key, "value": value}


MUTANTS = [
    Mutant("harmless: the VPC's own network", vpc, nothing),
    Mutant("harmless: a part of the VPC", admit(cidr_ipv4="10.20.32.0/20"), nothing),
    Mutant("harmless: the VPC's second network", second_network, nothing),
    Mutant(
        "the application in an inline rule, beside others",  # no finding about whom it admits
        inline_group,
        on("CKV2_BG_440", GROUP, "green-database_security-group"),
    ),
    Mutant(
        "harmless: selection by tag",
        select(selection_tag=[{"type": "STRINGEQUALS", **tag("Colour", "green")}]),
        nothing,
    ),
    Mutant(
        "harmless: selection by the provider's tag",
        select(selection_tag=[{"type": "STRINGEQUALS", **tag("Environment", "local")}]),
        nothing,
    ),
    Mutant(
        "harmless: selection by pattern", select(resources=["arn:aws:rds:*:*:cluster:payments-*"]), nothing
    ),
    Mutant("harmless: selection of everything", select(), nothing),
    Mutant(
        "harmless: selection by condition",
        select(resources=["*"], condition=[{"string_like": [tag("aws:ResourceTag/Colour", "gr*")]}]),
        nothing,
    ),
    Mutant("harmless: rotation through an alias", aliased, nothing),
    Mutant("harmless: rotation by a published function", published, nothing),
    Mutant("harmless: rotation that RDS does", managed, nothing),
    Mutant(
        "harmless: permission for a pattern",
        change(
            PERMISSION,
            "green-credentials_permission",
            source_arn="arn:aws:secretsmanager:us-east-1:123456789012:secret:payments-local/green/*",
        ),
        nothing,
    ),
    Mutant("harmless: role for a pattern", by_pattern, nothing),
    Mutant("harmless: every query audited", every_audit_event, nothing),
    Mutant(
        "harmless: password that is written only",
        change(CLUSTER, "green", master_password_wo="${var.password}"),
        nothing,
    ),
    Mutant("harmless: replica without a password", replica, nothing),
    Mutant(
        "harmless: booleans and numbers as text",
        both(
            change(CLUSTER, "green", storage_encrypted="true", backup_retention_period="35"),
            change(INSTANCE, "green-database_instance-2", publicly_accessible="false"),
        ),
        nothing,
    ),
    Mutant(
        "harmless: larger instance",
        change(INSTANCE, "green-database_instance-2", instance_class="db.r7g.2xlarge"),
        nothing,
    ),
    Mutant(
        "harmless: newer version", change(CLUSTER, "green", engine_version="8.0.mysql_aurora.3.11.0"), nothing
    ),
]
