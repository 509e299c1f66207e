"""The ledger: replication in both directions, its accounts, its functions and their rights."""

import zipfile
from pathlib import Path

import pytest

from lambda_src.ledger.settings import required
from modules.config.loader import ConfigurationError, load
from modules.functions import package
from tests.stack_reader import Stack
from tests.workspaces import ROOT

COLOURS = ("blue", "green")
KINDS = ("mover", "health", "replication", "migrator")
READ = "secretsmanager:GetSecretValue"
DUTIES = ("setup", "move", "watch", "migrate")
FILTERS = {"replicate-wild-do-table": "payments.%", "replicate-ignore-db": "ledger_local"}
SETTINGS = {
    "gtid-mode": "ON",
    "enforce_gtid_consistency": "ON",
    "binlog_format": "ROW",
    "event_scheduler": "ON",
    "log_bin_trust_function_creators": "1",
    "innodb_flush_log_at_trx_commit": "1",
    "require_secure_transport": "ON",
}
ENHANCED = {"aurora_enhanced_binlog": "1", "binlog_backup": "0", "binlog_replication_globaldb": "0"}


def parameters(stack: Stack, colour: str) -> dict[str, str]:
    cluster = stack.at(f"{colour}-database/cluster")
    group = stack.named(cluster["db_cluster_parameter_group_name"])
    return {parameter["name"]: parameter["value"] for parameter in group["parameter"]}


def ways(stack: Stack, direction: str) -> set[tuple[str, str]]:
    """(from, to) of the rules at port 3306 at one end, by the paths of the groups."""
    found = set()
    for rule in stack.all(f"aws_vpc_security_group_{direction}_rule"):
        if rule["from_port"] == rule["to_port"] == 3306:
            own, peer = (
                stack.named(rule[key]).path for key in ("security_group_id", "referenced_security_group_id")
            )
            found.add((own, peer) if direction == "egress" else (peer, own))
    return found


def calls(stack: Stack, duty: str) -> dict[str, set[str]]:
    """Action → paths of the resources, of what a function's code may call."""
    (policy,) = (found for found in stack.all("aws_iam_role_policy") if found.path == f"ledger/{duty}/calls")
    return {
        action: {stack.named(arn).path for arn in statement["Resource"]}
        for statement in policy.policy()
        for action in statement["Action"]
        if len(statement["Action"]) == 1
    }


@pytest.mark.parametrize("colour", COLOURS)
def test_a_cluster_replicates_rows_by_gtid_through_both_filters(stack: Stack, colour: str) -> None:
    wanted = FILTERS | SETTINGS | ENHANCED
    assert {name: value for name, value in parameters(stack, colour).items() if name in wanted} == wanted


def test_both_ends_allow_replication_both_ways_and_who_writes_and_moves(stack: Stack) -> None:
    groups = {colour: f"{colour}-database/security-group" for colour in COLOURS}
    wanted = {
        *((groups["blue"], groups["green"]), (groups["green"], groups["blue"])),
        *((f"{colour}/security-group", group) for colour in COLOURS for group in groups.values()),
        *((f"ledger/{duty}/security-group", group) for duty in DUTIES for group in groups.values()),
        *((f"{c}-credentials/rotation/security-group", groups[c]) for c in COLOURS),
    }
    assert ways(stack, "egress") == ways(stack, "ingress") == wanted


@pytest.mark.parametrize("duty", DUTIES)
def test_a_function_is_told_exactly_what_it_asks_for(stack: Stack, duty: str) -> None:
    told = stack.at(f"ledger/{duty}/function")["environment"]["variables"]
    assert set(told) == required(duty)
    assert told["DUTY"] == duty
    assert {told["BLUE_HOST"].split(".")[-1], told["GREEN_HOST"].split(".")[-1]} == {"endpoint}"}


def test_mover_and_health_read_their_own_accounts_only(stack: Stack) -> None:
    for duty, kind in (("move", "mover"), ("watch", "health")):
        assert calls(stack, duty) == {READ: {f"ledger/{colour}-{kind}/secret" for colour in COLOURS}}


def test_the_migration_reads_its_own_accounts_and_takes_the_lock_of_the_switch(stack: Stack) -> None:
    secrets, lock = (
        (set(statement["Action"]), {stack.named(arn).path for arn in statement["Resource"]})
        for found in stack.all("aws_iam_role_policy")
        if found.path == "ledger/migrate/calls"
        for statement in found.policy()
    )
    own = {f"ledger/{colour}-migrator/secret" for colour in COLOURS}
    assert secrets == ({"secretsmanager:GetSecretValue"}, own)
    writes = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    assert lock == (writes, {stack.at("control/table").path})
    told = stack.at("ledger/migrate/function")["environment"]["variables"]["CONTROL_TABLE"]
    assert stack.named(told).path == stack.at("control/table").path


def test_setup_alone_has_the_administrators(stack: Stack) -> None:
    found = calls(stack, "setup")[READ]
    assert found >= {f"{colour}-database/administrator" for colour in COLOURS}
    assert not any("database" in path for duty in ("move", "watch") for path in calls(stack, duty)[READ])


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_account_rotates_and_no_service_reads_it(stack: Stack, colour: str, kind: str) -> None:
    schedule, policy = (stack.at(f"ledger/{colour}-{kind}/{part}") for part in ("schedule", "policy"))
    assert stack.named(schedule["rotation_lambda_arn"]).path == "ledger/setup/function"
    assert schedule["rotate_immediately"] is True
    statements = {statement["Sid"]: statement for statement in policy.policy()}
    readers = statements["NobodyElseReads"]["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    user = {
        "mover": {"ledger/move/role"},
        "health": {"ledger/watch/role"},
        "replication": set(),
        "migrator": {"ledger/migrate/role"},
    }
    assert {stack.named(reader).path for reader in readers} == {"ledger/setup/role", *user[kind]}


def test_the_health_function_is_asked_each_minute_and_its_answer_is_a_metric(stack: Stack) -> None:
    schedule, target, permission, metric = (
        stack.at(f"ledger/watching/{part}") for part in ("schedule", "target", "permission", "metric")
    )
    assert schedule["schedule_expression"] == "rate(1 minute)"
    assert stack.named(target["arn"]).path == "ledger/watch/function"
    assert target["input"] == '{"action": "status"}'
    verification = stack.at("ledger/watching/verification")
    assert stack.named(verification["arn"]) == stack.named(target["arn"])
    assert stack.named(verification["rule"]) == schedule
    assert verification["input"] == '{"action": "verify"}'
    verified = stack.at("ledger/watching/verified")
    assert stack.named(verified["log_group_name"]).path == "ledger/watch/logs"
    assert verified["metric_transformation"]["value"] == "$.ledger_verified_seconds"
    assert stack.named(permission["source_arn"]) == schedule
    assert "source_account" not in permission.block
    assert stack.named(metric["log_group_name"]).path == "ledger/watch/logs"
    assert (metric["pattern"], metric["metric_transformation"]["value"]) == (
        "{ $.ledger_healthy >= 0 }",
        "$.ledger_healthy",
    )


@pytest.mark.parametrize("duty", ["move", "migrate"])
def test_one_move_and_one_migration_at_a_time(stack: Stack, duty: str) -> None:
    assert stack.at(f"ledger/{duty}/function")["reserved_concurrent_executions"] == 1


def test_a_package_has_all_that_its_code_imports() -> None:
    names = set(zipfile.ZipFile(package.build("ledger").path).namelist())
    folders = {name.split("/")[1] for name in names if name.startswith("lambda_src/") and name.count("/") > 1}
    assert folders == {"ledger", "rotation", "contract", "common"}
    names_of_migration = set(zipfile.ZipFile(package.build("migrate").path).namelist())
    assert {"migrate/handler.py", "sqlglot/__init__.py", "lambda_src/switch/table.py"} <= names_of_migration
    assert not any(name.startswith("sqlglot") for name in names)
    assert {"ledger/handler.py", "pymysql/__init__.py", "lambda_src/rotation/rds-ca-bundle.pem"} <= names


@pytest.mark.parametrize(("key", "value"), [("binlog_retention_hours", "12"), ("replicate", '"yes"')])
def test_a_wrong_value_is_refused(tmp_path: Path, key: str, value: str) -> None:
    text = (ROOT / "config" / "local.toml").read_text(encoding="utf-8")
    (tmp_path / "local.toml").write_text(f"{text}\n[ledger]\n{key} = {value}\n")
    with pytest.raises(ConfigurationError, match=f"ledger.{key} = "):
        load(tmp_path)
