"""`shared = true`: one cluster for both colours, and what follows from it."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from modules.config.loader import ConfigurationError
from tests.copies import copied
from tests.iam.stack_decisions import arn, role_may
from tests.modules.generated import Document
from tests.modules.service_choices import document, loaded, synthesized
from tests.policies import harness
from tests.stack_reader import Resource, Stack
from tests.workspaces import ROOT, stack_directory

COLOURS = ("blue", "green")


def shared(**differing: Any) -> Document:
    """The configuration of staging with one cluster; `differing`: of green's database."""
    staging = tomllib.loads((ROOT / "config" / "staging.toml").read_text(encoding="utf-8"))
    database = staging["colours"]["blue"]["database"]
    content = document({"/shared": True, "database": database})
    content["colours"]["green"]["database"].update(differing)
    return content


@pytest.fixture(scope="module")
def workspace_of_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("shared")
    synthesized(directory, loaded(directory, shared()))
    return directory


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    directory = tmp_path_factory.mktemp("shared-stack")
    return synthesized(directory, loaded(directory, shared()))["staging"]


def test_tables_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, shared(instance_count=3))
    (mistake,) = caught.value.mistakes
    assert "staging.toml: colours = " in mistake
    assert "shared = true, but instance_count of the two database tables differ" in mistake


def test_one_cluster_does_not_replicate(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="replicate = true needs two clusters"):
        loaded(tmp_path, shared() | {"ledger": {"replicate": True}})


def test_the_ledgers_parts_are_absent(one: Stack) -> None:
    paths = [found.path for type_ in one.document["resource"] for found in one.all(type_)]
    assert [path for path in paths if path.startswith("ledger/")] == []
    parameters = {entry["name"] for entry in one.one("aws_rds_cluster_parameter_group")["parameter"]}
    assert "aurora_enhanced_binlog" not in parameters


def test_both_colours_name_the_one_cluster(one: Stack) -> None:
    cluster = one.one("aws_rds_cluster")
    assert cluster["cluster_identifier"] == "payments-staging-shared"
    for colour in COLOURS:
        assert one.named(one.output(f"{colour}_cluster_endpoint")) == cluster
    environment = switch_environment(one)
    for name in ("CLUSTER", "INSTANCES"):
        assert environment[f"BLUE_{name}"] == environment[f"GREEN_{name}"]


def test_the_cluster_is_of_neither_colour(one: Stack) -> None:
    """So that the plan guard protects it whichever is active."""
    assert "Colour" not in one.one("aws_rds_cluster")["tags"]
    assert len(one.all("aws_rds_cluster_instance")) == 2


def test_both_applications_and_both_rotations_reach_it(one: Stack) -> None:
    group = one.at("shared-database/security-group")
    admitted = [
        one.named(rule["referenced_security_group_id"]).path
        for rule in one.all("aws_vpc_security_group_ingress_rule")
        if one.named(rule["security_group_id"]) == group
    ]
    assert sorted(admitted) == sorted(
        f"{colour}{part}"
        for colour in COLOURS
        for part in ("/security-group", "-credentials/rotation/security-group")
    )


def test_each_colour_has_a_user_and_a_secret_of_its_own(one: Stack) -> None:
    """P8: neither colour's role reads the other's secret."""
    users = {
        found["environment"]["variables"]["APP_USER"]
        for found in one.all("aws_lambda_function")
        if "APP_USER" in found["environment"]["variables"]
    }
    assert users == {"payments_blue", "payments_green"}
    for colour, other in (COLOURS, COLOURS[::-1]):
        role = one.at(f"{colour}/role")
        own, foreign = (one.at(f"{each}-credentials/secret") for each in (colour, other))
        read = "secretsmanager:GetSecretValue"
        assert role_may(one, role, read, arn(own), {}).allowed
        assert not role_may(one, role, read, arn(foreign), {}).allowed


def test_rds_keeps_its_administrators_password(one: Stack) -> None:
    """It replicates nothing: RDS's own password is supported, and no function may set one."""
    cluster = one.one("aws_rds_cluster")
    assert cluster["manage_master_user_password"] is True
    assert one.named(cluster["master_user_secret_kms_key_id"]) == one.one("aws_kms_key")
    assert "ephemeral" not in one.document
    for colour in COLOURS:
        statements = one.at(f"{colour}-credentials/rotation/calls").policy()
        assert "rds:ModifyDBCluster" not in str(statements)
        variables = one.at(f"{colour}-credentials/rotation/function")["environment"]["variables"]
        assert variables["ADMIN_SECRET_ARN"] == (
            f"${{aws_rds_cluster.{cluster.name}.master_user_secret[0].secret_arn}}"
        )


def test_its_alarms_exist_once_and_close_both_gates(one: Stack) -> None:
    watched = [
        alarm
        for alarm in one.all("aws_cloudwatch_metric_alarm")
        if "DBClusterIdentifier" in str(alarm.block.get("dimensions"))
        or "DBClusterIdentifier" in str(alarm.block.get("metric_query"))
    ]
    assert watched
    assert {alarm.path.partition("-")[0] for alarm in watched} == {"blue"}
    for composite in one.all("aws_cloudwatch_composite_alarm"):
        for alarm in watched:
            assert reference(alarm) in composite["alarm_rule"]


def test_it_is_backed_up_once(one: Stack) -> None:
    cluster = one.one("aws_rds_cluster")
    selections = [
        selection
        for selection in one.all("aws_backup_selection")
        for resource in selection["resources"]
        if one.named(resource) == cluster
    ]
    assert [selection["name"] for selection in selections] == ["payments-staging-shared"]


@pytest.mark.integration
def test_the_policies_pass(workspace_of_one: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bluegreen", "scan", str(workspace_of_one / "cdktf.out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.integration
def test_only_the_database_may_be_both_colours(workspace_of_one: Path, one: Stack, tmp_path: Path) -> None:
    """A rule that watches nothing, and the cluster told as instances, too."""
    (tmp_path / "assets").symlink_to(stack_directory(workspace_of_one, "staging") / "assets")
    sound = harness.without_the_boundary_of_the_account(one.document)
    faulty = copied(sound)
    rule = harness.body(faulty, "aws_cloudwatch_event_rule", "blue-monitoring_events_failover")
    rule["event_pattern"] = json.dumps({"source": ["aws.rds"], "detail-type": ["RDS DB Cluster Event"]})
    for name in ("read", "switch"):
        function = harness.body(faulty, "aws_lambda_function", f"switching_{name}_function")
        told = function["environment"]["variables"]
        told["GREEN_INSTANCES"] = told["BLUE_INSTANCES"] = told["BLUE_CLUSTER"]
    with harness.only_the_pack():
        before, after = (harness.pairs(harness.evaluate(each, tmp_path)) for each in (sound, faulty))
    assert before == set()
    assert {(policy, address.rpartition("_")[0]) for policy, address in after} >= {
        ("CKV2_BG_448", "aws_cloudwatch_event_rule.blue-monitoring_events_failover"),
        ("CKV2_BG_444", "aws_lambda_function.switching_read_function"),
    }


def switch_environment(stack: Stack) -> dict[str, str]:
    (found,) = (
        each["environment"]["variables"]
        for each in stack.all("aws_lambda_function")
        if each["function_name"].endswith("-switch")
    )
    return dict(found)


def reference(alarm: Resource) -> str:
    return f"${{aws_cloudwatch_metric_alarm.{alarm.name}.alarm_name}}"
