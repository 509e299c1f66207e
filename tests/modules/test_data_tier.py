"""R12-R24, R06: two encrypted, highly available clusters, one session table, backups of all of it."""

import json

import pytest

from tests.modules.test_first_apply import made_before
from tests.stack_reader import Resource, Stack

COLOURS = ("blue", "green")


def other(colour: str) -> str:
    return next(each for each in COLOURS if each != colour)


def cluster(stack: Stack, colour: str) -> Resource:
    return stack.at(f"{colour}-database/cluster")


def instances(stack: Stack, colour: str) -> list[Resource]:
    own = cluster(stack, colour)
    return [i for i in stack.all("aws_rds_cluster_instance") if stack.named(i["cluster_identifier"]) == own]


@pytest.mark.parametrize("colour", COLOURS)
def test_a_cluster_is_aurora_encrypted_and_protected(stack: Stack, colour: str) -> None:
    own = cluster(stack, colour)

    assert own["engine"] == "aurora-mysql"
    assert own["engine_version"].startswith("8.0.mysql_aurora.3.10.")
    assert own["storage_encrypted"] is True
    assert stack.named(own["kms_key_id"]) == stack.one("aws_kms_key")
    assert own["backup_retention_period"] >= 7
    assert own["deletion_protection"] is True
    assert own["skip_final_snapshot"] is False
    assert own["lifecycle"] == {
        "prevent_destroy": True,
        "ignore_changes": ["backup_retention_period", "preferred_backup_window"],  # AWS Backup sets them
    }
    assert own["iam_database_authentication_enabled"] is True
    assert own["copy_tags_to_snapshot"] is True


@pytest.mark.parametrize("colour", COLOURS)
def test_the_administrators_first_password_is_stored_nowhere(stack: Stack, colour: str) -> None:
    """RDS's own is not supported with replication: a secret of the stack's own, which a function rotates."""
    own = cluster(stack, colour)
    kind, name = "aws_secretsmanager_random_password", f"{colour}-administrator"

    assert stack.document["ephemeral"][kind][name]["password_length"] in range(8, 42)
    assert own["master_password_wo"] == f"${{ephemeral.{kind}.{name}.random_password}}"
    passwords = {argument for argument in own.block if "password" in argument or "secret" in argument}
    assert passwords == {"master_password_wo", "master_password_wo_version"}
    assert json.dumps(stack.document["resource"]).count(f"{kind}.{name}") == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_the_administrators_secret_rotates_before_others_need_it(stack: Stack, colour: str) -> None:
    secret = stack.at(f"{colour}-database/administrator")
    schedule, policy = (
        stack.at(f"{colour}-database/administrator-rotation/{part}") for part in ("schedule", "policy")
    )

    assert stack.named(secret["kms_key_id"]) == stack.one("aws_kms_key")
    assert stack.named(schedule["secret_id"]) == secret
    assert stack.named(schedule["rotation_lambda_arn"]).path == f"{colour}-credentials/rotation/function"
    assert schedule["rotate_immediately"] is True
    reads = next(one for one in policy.policy() if one["Sid"] == "NobodyElseReads")
    readers = reads["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert {stack.named(reader).path for reader in readers} == {
        "ledger/setup/role",
        f"{colour}-credentials/rotation/role",
    }
    for later in (f"{colour}-credentials/schedule", f"ledger/{colour}-mover/schedule"):
        assert schedule.path in made_before(stack, stack.at(later))


@pytest.mark.parametrize("colour", COLOURS)
def test_audit_logs_are_exported_and_not_empty(stack: Stack, colour: str) -> None:
    own = cluster(stack, colour)
    parameters = {
        parameter["name"]: parameter["value"]
        for parameter in stack.named(own["db_cluster_parameter_group_name"])["parameter"]
    }
    groups = {
        group["name"]: group
        for group in stack.all("aws_cloudwatch_log_group")
        if group.path.startswith(f"{colour}-database/")
    }

    exports = own["enabled_cloudwatch_logs_exports"]
    assert set(exports) == {"audit", "error", "general", "slowquery"}
    assert set(groups) == {f"/aws/rds/cluster/{own['cluster_identifier']}/{kind}" for kind in exports}
    assert all(group["retention_in_days"] >= 365 for group in groups.values())
    assert parameters["server_audit_logging"] == "1"
    assert "CONNECT" in parameters["server_audit_events"].split(",")
    assert parameters["require_secure_transport"] == "ON"
    assert parameters["binlog_format"] == "ROW"


@pytest.mark.parametrize("colour", COLOURS)
def test_two_or_more_private_instances_in_different_zones(stack: Stack, colour: str) -> None:
    found = instances(stack, colour)

    assert len(found) >= 2
    assert len({instance["availability_zone"] for instance in found}) == min(len(found), 3)
    for instance in found:
        assert instance["instance_class"] == "db.r6g.large"
        assert instance["publicly_accessible"] is False
        assert instance["performance_insights_enabled"] is True
        assert stack.named(instance["performance_insights_kms_key_id"]) == stack.one("aws_kms_key")
        assert instance["monitoring_interval"] > 0


@pytest.mark.parametrize("colour", COLOURS)
def test_a_cluster_lives_in_the_database_tier_only(stack: Stack, colour: str) -> None:
    subnets = stack.named(cluster(stack, colour)["db_subnet_group_name"])["subnet_ids"]

    assert {stack.named(s).path for s in subnets} == {f"network/database-us-east-1{zone}" for zone in "abc"}


@pytest.mark.parametrize("colour", COLOURS)
def test_a_database_admits_its_rotation_and_who_the_ledger_needs_only(stack: Stack, colour: str) -> None:
    (own,) = cluster(stack, colour)["vpc_security_group_ids"]
    rules = [
        rule
        for rule in stack.all("aws_vpc_security_group_ingress_rule")
        if stack.named(rule["security_group_id"]) == stack.named(own)
    ]

    assert {stack.named(rule["referenced_security_group_id"]).path for rule in rules} == {
        *(f"{each}/security-group" for each in COLOURS),
        *(f"ledger/{duty}/security-group" for duty in ("setup", "move", "watch", "migrate")),
        f"{other(colour)}-database/security-group",
        f"{colour}-credentials/rotation/security-group",
    }
    assert {(rule["from_port"], rule["to_port"]) for rule in rules} == {(3306, 3306)}


@pytest.mark.parametrize("path", ["sessions/table", "control/table"])
def test_tables_survive_mistakes(stack: Stack, path: str) -> None:
    table = stack.at(path)

    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert table["point_in_time_recovery"] == {"enabled": True}
    assert stack.named(table["server_side_encryption"]["kms_key_arn"]) == stack.one("aws_kms_key")
    assert table["deletion_protection_enabled"] is True
    assert table["lifecycle"] == {"prevent_destroy": True}


def test_sessions_expire_and_the_switchs_history_does_not(stack: Stack) -> None:
    sessions, control = stack.at("sessions/table"), stack.at("control/table")

    assert (sessions["hash_key"], sessions["ttl"]) == (
        "session_id",
        {"attribute_name": "expires_at", "enabled": True},
    )
    assert "ttl" not in control.block
    assert (control["hash_key"], control["range_key"]) == ("kind", "id")
    assert control["local_secondary_index"] == [
        {"name": "by-time", "projection_type": "ALL", "range_key": "started_at"}
    ]
    assert {(a["name"], a["type"]) for a in control["attribute"]} == {
        ("kind", "S"),
        ("id", "S"),
        ("started_at", "S"),
    }


def test_a_selection_waits_for_what_its_role_may_do(stack: Stack) -> None:
    """AWS Backup tries on creation whether the role may look for resources, and refuses the selection."""
    policy = stack.at("backup/back-up")
    for selection in stack.all("aws_backup_selection"):
        assert f"{policy.type}.{policy.name}" in selection["depends_on"]


def test_backups_cover_both_clusters_and_the_tables_for_a_week(stack: Stack) -> None:
    covered = {
        stack.named(arn).path: stack.named(selection["plan_id"])
        for selection in stack.all("aws_backup_selection")
        for arn in selection["resources"]
    }

    assert set(covered) == {
        "blue-database/cluster",
        "green-database/cluster",
        "sessions/table",
        "control/table",
    }
    for plan in covered.values():
        for rule in plan["rule"]:
            assert rule["lifecycle"] == {"delete_after": 7}
            assert set(rule["recovery_point_tags"]) == {"Environment", "CostCenter", "MigrationPhase"}
    for colour in COLOURS:
        rules = covered[f"{colour}-database/cluster"]["rule"]
        assert any(rule["enable_continuous_backup"] for rule in rules)


def test_nobody_empties_the_vault_and_failures_are_told(stack: Stack) -> None:
    vault = stack.one("aws_backup_vault")
    deny, *_ = stack.one("aws_backup_vault_policy").policy()

    assert stack.named(vault["kms_key_arn"]) == stack.one("aws_kms_key")
    assert deny["Effect"] == "Deny"
    assert {"backup:DeleteRecoveryPoint", "backup:DeleteBackupVault"} <= set(deny["Action"])
    # BACKUP_JOB_FAILED and its like are deprecated and don't fire: see the rule `backup-jobs`.
    assert not stack.all("aws_backup_vault_notifications")
    assert stack.named(stack.one("aws_sns_topic")["kms_master_key_id"]) == stack.one("aws_kms_key")


@pytest.mark.parametrize("colour", COLOURS)
def test_nobody_else_reads_a_colours_secret(stack: Stack, colour: str) -> None:
    secret = stack.at(f"{colour}-credentials/secret")
    statements = {s["Sid"]: s for s in stack.at(f"{colour}-credentials/policy").policy()}
    readers = statements["NobodyElseReads"]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]

    assert statements["NobodyElseReads"]["Effect"] == "Deny"
    assert {stack.named(reader).path for reader in readers} == {
        f"{colour}/role",
        f"{colour}/execution-role",
        f"{other(colour)}/role",  # its payments are written here while this is the writer
        f"{colour}-credentials/rotation/role",
    }
    assert stack.named(secret["kms_key_id"]) == stack.one("aws_kms_key")


@pytest.mark.parametrize("colour", COLOURS)
def test_a_secret_has_no_value_in_the_code_and_rotates_at_once(stack: Stack, colour: str) -> None:
    schedule = stack.at(f"{colour}-credentials/schedule")

    assert stack.all("aws_secretsmanager_secret_version") == []
    assert stack.named(schedule["secret_id"]).path == f"{colour}-credentials/secret"
    assert stack.named(schedule["rotation_lambda_arn"]).path == f"{colour}-credentials/rotation/function"
    assert schedule["rotate_immediately"] is True
    assert schedule["rotation_rules"]["automatically_after_days"] <= 90


def test_outputs_of_the_data_tier(stack: Stack) -> None:
    for colour in COLOURS:
        assert stack.named(stack.output(f"{colour}_cluster_endpoint")) == cluster(stack, colour)
        assert stack.output(f"{colour}_cluster_endpoint").endswith(".endpoint}")
    assert stack.named(stack.output("dynamodb_table_name")).path == "sessions/table"
    assert stack.named(stack.output("control_table_name")).path == "control/table"
    assert stack.named(stack.output("backup_vault_name")) == stack.one("aws_backup_vault")


def test_connection_info_tells_an_application_where_everything_is(stack: Stack) -> None:
    info = stack.output("connection_info")

    assert info["active_environment"] == stack.output("active_environment")
    assert info["alb_dns_name"] == stack.output("alb_dns_name")
    for colour in COLOURS:
        assert stack.named(info[colour]["cluster_endpoint"]) == cluster(stack, colour)
        assert stack.named(info[colour]["secret_arn"]).path == f"{colour}-credentials/secret"
        assert stack.named(info[colour]["target_group_arn"]).path == f"{colour}/targets"
        assert stack.named(info[colour]["application_role_arn"]).path == f"{colour}/role"


def test_no_password_is_in_the_synthesized_code(stack: Stack) -> None:
    text = json.dumps(stack.document["resource"])

    assert '"master_password"' not in text
    assert '"secret_string' not in text
