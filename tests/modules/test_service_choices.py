"""Keys of a service: a wrong value is refused with file and key, a right one is built."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from iam_evaluation import Caller, Kind, Policies, Request, evaluate, parse_policy
from modules.config.database_parameters import ALLOWED
from modules.config.loader import ConfigurationError
from modules.config.variables import RESERVED, Environment
from modules.data.database import PARAMETERS
from policies.secrets._literals import is_secret_key
from tests.iam.stack_decisions import role_policies
from tests.modules.service_choices import (
    ACCOUNT,
    BUCKET,
    BUS,
    FILES,
    KEY,
    PARAMETER,
    QUEUE,
    REFUSED,
    SECRET,
    SNAPSHOT,
    SYSTEM,
    TABLE,
    TAKEN,
    TOPIC,
    document,
    loaded,
    synthesized,
)
from tests.stack_reader import Resource, Stack

pytestmark = pytest.mark.integration  # no process, but stacks of its own are synthesized

COLOURS = ("blue", "green")


def case(row: tuple[str, Any, str]) -> str:
    return f"{row[0]}: {row[2]}"


def built(directory: Path, choices: Mapping[str, Any], colours: tuple[str, ...] = ("blue",)) -> Stack:
    """The stack of staging with the choices for blue."""
    return synthesized(directory, loaded(directory, document(choices, colours=colours)))["staging"]


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Everything that can be chosen together, for blue; green as it was."""
    choices = {key: value for key, value in TAKEN.items() if key != "slow_start_seconds"}
    return built(tmp_path_factory.mktemp("chosen"), choices)


def container(stack: Stack, colour: str = "blue") -> dict[str, Any]:
    found = json.loads(stack.at(f"{colour}-fargate/task-definition")["container_definitions"])
    return dict(found[0])


def statements(stack: Stack, path: str) -> dict[str, Any]:
    return {one["Sid"]: one for one in stack.at(path).policy()}


@pytest.mark.parametrize("row", REFUSED, ids=case)
def test_a_wrong_value_is_refused_with_file_and_key(tmp_path: Path, row: tuple[str, Any, str]) -> None:
    key, value, problem = row
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, document({key: value}, colours=("blue",)))

    (mistake,) = caught.value.mistakes
    assert problem in mistake
    head = mistake.splitlines()[0]
    table = key.rpartition(".")[0]  # of two keys that don't fit, the message may name the other
    inner = f"staging.toml: colours.blue.{table}"
    assert head.startswith(
        (f"{tmp_path}/{inner}", f"{tmp_path}/staging.toml: colours =", f"{tmp_path}/staging.toml: switch =")
    )
    assert "allowed" in mistake
    assert "Traceback" not in mistake


@pytest.mark.parametrize("key", TAKEN)
def test_each_key_has_a_value_that_is_taken_and_one_that_is_refused(tmp_path: Path, key: str) -> None:
    with_it = {"database.instance_class", "database.capacity"}  # neither goes without the other
    loaded(tmp_path, document({name: TAKEN[name] for name in (with_it if key in with_it else [key])}))
    assert [row for row in REFUSED if row[0] == key]


def test_a_key_that_the_operator_chose_is_shown_as_toml_has_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, document({"service.environment": {"a b": "x"}}, colours=("blue",)))
    (mistake,) = caught.value.mistakes
    assert 'colours.blue.service.environment."a b" = ' in mistake
    assert "upper-case letters" not in mistake.splitlines()[0]


def test_a_mistake_in_a_row_says_what_the_rows_key_allows(tmp_path: Path) -> None:
    rows = [TAKEN["service.scaling_schedules"][0] | {"timezone": "Mars/Olympus"}]
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, document({"service.scaling_schedules": rows}, colours=("blue",)))
    (mistake,) = caught.value.mistakes
    assert "colours.blue.service.scaling_schedules.0.timezone" in mistake
    assert "the IANA name of the schedule's time zone" in mistake


def test_slow_start_is_for_round_robin_only(tmp_path: Path) -> None:
    both = {"slow_start_seconds": 60, "balancing": "least_outstanding_requests"}
    with pytest.raises(ConfigurationError, match="slow_start_seconds is for round_robin only"):
        loaded(tmp_path, document(both))


def test_no_variable_hides_another(tmp_path: Path) -> None:
    twice = {"service.environment": {"A": "x"}, "service.secrets": {"A": SECRET}}
    with pytest.raises(ConfigurationError, match="A is in environment, too"):
        loaded(tmp_path, document(twice))


def test_every_variable_of_the_platform_is_reserved(stack: Stack) -> None:
    for colour in COLOURS:
        found = container(stack, colour)
        names = [entry["name"] for entry in found["environment"] + found["secrets"]]
        assert [name for name in names if not RESERVED.fullmatch(name)] == []


@given(st.from_regex(r"\A[A-Z_]{1,12}(_(KEY|TOKEN|SECRET|PASSWORD|ID|ARN))?\Z"))
def test_no_variable_is_taken_that_the_gate_would_call_a_secret(name: str) -> None:
    try:
        TypeAdapter(Environment).validate_python({name: "x"})
    except ValidationError:
        return
    assert not is_secret_key(name)


def test_the_container_is_started_as_chosen(chosen: Stack) -> None:
    found = container(chosen)
    assert found["entryPoint"] == ["/app/serve"]
    assert found["command"] == ["--host", "$${HOST}"]  # Terraform reads it as it was typed
    assert found["ulimits"] == [{"name": "nofile", "softLimit": 262144, "hardLimit": 262144}]
    told = {entry["name"]: entry["value"] for entry in found["environment"]}
    assert told["LOG_LEVEL"] == "info"
    assert told["GREETING"] == "100 %%{d} $${x}"
    assert told["COLOUR"] == "blue"
    injected = {entry["name"]: entry["valueFrom"] for entry in found["secrets"]}
    assert injected["BANK_KEY"] == f"{SECRET}:key::"
    assert injected["FEATURES"] == PARAMETER
    assert {"DATABASE_USERNAME", "DATABASE_PASSWORD"} < set(injected)


def test_what_starts_the_task_reads_exactly_the_chosen_secrets(chosen: Stack) -> None:
    """Amazon ECS developer guide, "Amazon ECS task execution IAM role"."""
    found = statements(chosen, "blue-fargate/execution")
    assert (found["ChosenSecrets"]["Action"], found["ChosenSecrets"]["Resource"]) == (
        ["secretsmanager:GetSecretValue"],
        [SECRET],
    )
    assert (found["ChosenParameters"]["Action"], found["ChosenParameters"]["Resource"]) == (
        ["ssm:GetParameters"],
        [PARAMETER],
    )
    assert found["ChosenKeys"]["Resource"] == [KEY]
    assert set(found["ChosenKeys"]["Condition"]["StringEquals"]) == {"kms:ViaService"}


def test_the_other_colour_has_none_of_it(chosen: Stack, stack: Stack) -> None:
    assert "ulimits" not in container(chosen, "green")
    assert not {"ChosenSecrets", "ChosenParameters", "ChosenKeys"} & set(
        statements(chosen, "green-fargate/execution")
    )
    assert "ulimits" not in container(stack)


def test_the_target_group_is_checked_and_balanced_as_chosen(chosen: Stack, tmp_path: Path) -> None:
    group = chosen.at("blue/targets")
    assert group["health_check"]["path"] == "/payments/health/ready"
    assert group["health_check"]["matcher"] == "200-204"
    assert group["load_balancing_algorithm_type"] == "weighted_random"
    assert group["load_balancing_anomaly_mitigation"] == "on"
    other = chosen.at("green/targets").block
    assert not {"slow_start", "load_balancing_algorithm_type", "load_balancing_anomaly_mitigation"} & set(
        other
    )
    slow = built(tmp_path, {"slow_start_seconds": 60}).at("blue/targets")
    assert slow["slow_start"] == 60


def rows_of(stack: Stack, type_: str, colour: str = "blue") -> dict[str, Resource]:
    return {found["name"]: found for found in stack.all(type_) if found.path.startswith(f"{colour}-")}


def test_auto_scaling_follows_the_chosen_metrics(chosen: Stack) -> None:
    found = rows_of(chosen, "aws_appautoscaling_policy")
    assert set(found) == {f"payments-staging-blue-{name}" for name in ("cpu", "requests", "pending", "lag")}
    lag = found["payments-staging-blue-lag"]["target_tracking_scaling_policy_configuration"]
    assert lag["target_value"] == 100
    assert lag["customized_metric_specification"] == {
        "namespace": "Payments",
        "metric_name": "Pending",
        "statistic": "Maximum",
        "dimensions": [{"name": "Queue", "value": "captures"}],
    }


def test_bounds_follow_the_calendar_and_no_apply_sets_them_back(chosen: Stack) -> None:
    found = rows_of(chosen, "aws_appautoscaling_scheduled_action")
    assert set(found) == {"payments-staging-blue-morning", "payments-staging-blue-sale"}
    morning = found["payments-staging-blue-morning"]
    assert (morning["schedule"], morning["timezone"]) == ("cron(0 6 ? * MON-FRI *)", "Europe/Berlin")
    assert morning["scalable_target_action"] == {"min_capacity": "6", "max_capacity": "60"}
    target = chosen.at("blue-fargate/scaling/target")
    assert target["lifecycle"] == {"ignore_changes": ["min_capacity", "max_capacity"]}
    assert "lifecycle" not in chosen.at("green-fargate/scaling/target").block


def rights(stack: Stack, colour: str = "blue") -> Policies:
    return Policies(identity=role_policies(stack, stack.at(f"{colour}/role")))


def may(stack: Stack, action: str, resource: str, context: Mapping[str, Any] | None = None) -> bool:
    role = Caller.role(f"arn:aws:iam::{ACCOUNT}:role/payments-staging-blue-application")
    request = Request(role, action, resource, context or {}, ACCOUNT)
    return evaluate(request, rights(stack)).allowed


def test_additional_containers_have_limits_and_no_privileges(chosen: Stack) -> None:
    application, router, collector = json.loads(
        chosen.at("blue-fargate/task-definition")["container_definitions"]
    )
    assert (router["name"], router["essential"], router["cpu"], router["memory"]) == (
        "log-router",
        True,
        128,
        128,
    )
    assert (collector["name"], collector["essential"], collector["memory"]) == ("collector", True, 256)
    for one in (router, collector):
        assert one["readonlyRootFilesystem"] is True
        assert one["privileged"] is False
        assert one["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
        assert not one["user"].startswith("0")
        assert one["logConfiguration"]["logDriver"] == "awslogs"
    assert application["logConfiguration"]["logDriver"] == "awsfirelens"
    group = application["logConfiguration"]["options"]["log_group_name"]
    assert chosen.named(group).path == "blue-fargate/logs"
    assert router["firelensConfiguration"] == {
        "type": "fluentbit",
        "options": {"enable-ecs-log-metadata": "true"},
    }
    assert collector["environment"] == [{"name": "SAMPLING", "value": "0.1"}]
    assert collector["secrets"] == [{"name": "VENDOR_KEY", "valueFrom": SECRET}]


def test_each_container_has_volumes_of_its_own(chosen: Stack) -> None:
    definition = chosen.at("blue-fargate/task-definition")
    application, _, collector = json.loads(definition["container_definitions"])
    mounted = [mount["sourceVolume"] for one in (application, collector) for mount in one["mountPoints"]]
    assert sorted(mounted) == sorted(volume["name"] for volume in definition["volume"])
    assert len(set(mounted)) == len(mounted) == 4
    assert definition["ephemeral_storage"] == {"size_in_gib": 50}


def test_file_systems_are_mounted_encrypted_with_the_role_through_the_access_point(chosen: Stack) -> None:
    """Amazon ECS developer guide, "Use Amazon EFS volumes with Amazon ECS"."""
    definition = chosen.at("blue-fargate/task-definition")
    volumes = {volume["name"]: volume for volume in definition["volume"]}
    for name, read_only in (("reports", True), ("batches", False)):
        assert volumes[name]["efs_volume_configuration"] == {
            "file_system_id": "fs-0123456789abcdef0",
            "transit_encryption": "ENABLED",
            "authorization_config": {"access_point_id": "fsap-0123456789abcdef0", "iam": "ENABLED"},
        }
        (mount,) = (one for one in container(chosen)["mountPoints"] if one["sourceVolume"] == name)
        assert mount["readOnly"] is read_only
    through = {"elasticfilesystem:AccessPointArn": FILES["access_point"]}
    assert may(chosen, "elasticfilesystem:ClientWrite", SYSTEM, through)
    assert not may(chosen, "elasticfilesystem:ClientWrite", SYSTEM)
    assert not may(chosen, "elasticfilesystem:ClientRootAccess", SYSTEM, through)


def test_a_file_system_has_a_mount_target_in_each_zone_that_admits_the_colour_only(chosen: Stack) -> None:
    targets = chosen.all("aws_efs_mount_target")
    assert [chosen.named(target["subnet_id"]).path for target in targets] == [
        f"network/application-us-east-1{zone}" for zone in "abc"
    ]
    group = chosen.at("file-systems/security-group")
    assert {chosen.named(one).path for target in targets for one in target["security_groups"]} == {group.path}
    admitted = [
        (chosen.named(rule["referenced_security_group_id"]).path, rule["from_port"], rule["to_port"])
        for rule in chosen.all("aws_vpc_security_group_ingress_rule")
        if chosen.named(rule["security_group_id"]) == group
    ]
    assert admitted == [("blue/security-group", 2049, 2049)]


def test_tasks_wait_for_the_mount_targets_of_their_colour(chosen: Stack) -> None:
    """ECS ends a first deployment whose tasks don't find their file system."""
    waits = {
        colour: {
            one for one in chosen.at(f"{colour}-fargate/service")["depends_on"] if "efs_mount_target" in one
        }
        for colour in ("blue", "green")
    }
    assert len(waits["blue"]) == 3
    named = {chosen.named(f"${{{one}.id}}").path for one in waits["blue"]}
    assert named == {one.path for one in chosen.all("aws_efs_mount_target")}
    assert waits["green"] == set()


def test_the_role_may_use_what_is_named_and_nothing_else(chosen: Stack) -> None:
    own = {"aws:ResourceAccount": ACCOUNT}
    for action, resource, allowed in (
        ("sqs:SendMessage", QUEUE, True),
        ("sqs:ReceiveMessage", QUEUE, True),
        ("sqs:DeleteQueue", QUEUE, False),
        ("sqs:SendMessage", f"{QUEUE}2", False),
        ("sns:Publish", TOPIC, True),
        ("dynamodb:Query", f"{TABLE}/index/by-country", True),
        ("dynamodb:PutItem", TABLE, False),
        ("s3:GetObject", f"{BUCKET}/a", True),
        ("s3:ListBucket", BUCKET, True),
        ("s3:DeleteObject", f"{BUCKET}/a", True),
        ("s3:GetObject", f"{BUCKET}-other/a", False),
        ("events:PutEvents", BUS, True),
        ("xray:PutTraceSegments", "*", True),
    ):
        assert may(chosen, action, resource, own) is allowed, (action, resource)
    inside = own | {"aws:SourceVpc": "vpc-0123456789abcdef0", "aws:SecureTransport": True}
    assert may(chosen, "sqs:GetQueueUrl", QUEUE, inside)
    assert not may(chosen, "sqs:GetQueueUrl", QUEUE, inside | {"aws:SourceVpc": "vpc-1"})
    assert not may(chosen, "sqs:GetQueueUrl", QUEUE, inside | {"aws:ResourceAccount": "210987654321"})
    foreign = Request(
        Caller.role(f"arn:aws:iam::{ACCOUNT}:role/payments-staging-blue-application"),
        "s3:GetObject",
        f"{BUCKET}/a",
        {},
        "210987654321",
    )
    # Not even where the other account lets everybody in: a bucket's ARN says no account.
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"{BUCKET}/*"}
    bucket = parse_policy(
        json.dumps({"Version": "2012-10-17", "Statement": [everybody]}), name="bucket", kind=Kind.RESOURCE
    )
    policies = Policies(identity=rights(chosen).identity, resource=(bucket,))
    assert not evaluate(foreign, policies).allowed
    assert evaluate(dataclasses.replace(foreign, resource_account=ACCOUNT), policies).allowed


def test_keys_are_used_by_way_of_the_service_only(chosen: Stack) -> None:
    account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}
    document = {"Version": "2012-10-17", "Statement": [account | {"Resource": "*"}]}
    key = parse_policy(json.dumps(document), name="key", kind=Kind.KEY)
    role = Caller.role(f"arn:aws:iam::{ACCOUNT}:role/payments-staging-blue-application")
    policies = Policies(identity=rights(chosen).identity, resource=(key,))
    for service, allowed in (("sqs", True), ("s3", True), ("dynamodb", False)):
        via = {"kms:ViaService": f"{service}.us-east-1.amazonaws.com"}
        assert evaluate(Request(role, "kms:Decrypt", KEY, via), policies).allowed is allowed
    assert not evaluate(Request(role, "kms:Decrypt", KEY), policies).allowed


def test_endpoints_follow_from_what_is_used(chosen: Stack, stack: Stack) -> None:
    def services(found: Stack) -> set[str]:
        return {each["service_name"].partition("us-east-1.")[2] for each in found.all("aws_vpc_endpoint")}

    assert services(chosen) - services(stack) == {"sqs", "events", "xray"}
    queue = chosen.at("endpoints/sqs")
    (statement,) = queue.policy()
    assert statement["Action"] == ["sqs:*"]
    assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    (gateway, _) = chosen.at("endpoints/s3").policy()
    (before, _) = stack.at("endpoints/s3").policy()
    assert set(gateway["Action"]) - set(before["Action"]) == {"s3:DeleteObject"}


def test_repositories_of_all_images_are_pulled_from(chosen: Stack) -> None:
    pulled = statements(chosen, "blue-fargate/execution")["PullTheImage"]["Resource"]
    assert [arn.rpartition("/")[2] for arn in pulled[1:]] == ["collector", "fluent-bit"]
    assert chosen.named(pulled[0]).type == "aws_ecr_repository"


def test_a_serverless_cluster_has_the_chosen_capacity(chosen: Stack) -> None:
    cluster = chosen.at("blue-database/cluster")
    assert cluster["serverlessv2_scaling_configuration"] == {"min_capacity": 2, "max_capacity": 32.5}
    instances = [one for one in chosen.all("aws_rds_cluster_instance") if one.path.startswith("blue-")]
    assert {one["instance_class"] for one in instances} == {"db.serverless"}
    other = chosen.at("green-database/cluster").block
    assert not {"serverlessv2_scaling_configuration", "snapshot_identifier"} & set(other)


def test_thresholds_of_a_serverless_cluster_follow_its_largest_size(tmp_path: Path) -> None:
    """Aurora user guide: max_connections by default and FreeableMemory follow the maximum capacity."""
    choices = {"database.instance_class": "db.serverless", "database.capacity": TAKEN["database.capacity"]}
    deployment = loaded(tmp_path, document(choices, colours=("blue",)))
    assert deployment.colours.blue.database.memory_gib == 65
    assert deployment.colours.blue.database.max_connections == 3000
    assert deployment.colours.green.database.max_connections == 1000


def test_a_chosen_limit_of_connections_is_the_alarms(chosen: Stack) -> None:
    alarms = {one["alarm_name"].removeprefix("payments-staging-"): one for one in _alarms(chosen)}
    ratio = (
        alarms["blue-database-connections"]["threshold"] / alarms["green-database-connections"]["threshold"]
    )
    assert ratio == 2500 / 1000
    assert alarms["blue-database-memory"]["threshold"] == 65 * 1024**3 * 5 // 100


def _alarms(stack: Stack) -> list[Resource]:
    return stack.all("aws_cloudwatch_metric_alarm")


def test_chosen_parameters_come_beside_the_platforms(chosen: Stack) -> None:
    def parameters(colour: str) -> dict[str, str]:
        found = chosen.at(f"{colour}-database/parameters")["parameter"]
        return {one["name"]: one["value"] for one in found}

    added = {"transaction_isolation": "READ-COMMITTED", "max_connections": "2500"}
    assert parameters("blue") == parameters("green") | added
    assert not set(ALLOWED) & set(PARAMETERS)


def test_a_cluster_is_restored_from_the_snapshot_under_the_deployments_own_key(chosen: Stack) -> None:
    cluster = chosen.at("blue-database/cluster")
    assert cluster["snapshot_identifier"] == SNAPSHOT
    assert chosen.named(cluster["kms_key_id"]) == chosen.one("aws_kms_key")


@pytest.mark.parametrize("zones", ["abcd", "abcde"])
def test_more_zones_leave_the_first_three_where_they_are(tmp_path: Path, stacks: Any, zones: str) -> None:
    choice = {"/availability_zones": [f"us-east-1{zone}" for zone in zones]}
    before = stacks["staging"]
    after = synthesized(tmp_path, loaded(tmp_path, document(choice)))["staging"]

    def blocks(stack: Stack) -> dict[str, str]:
        return {subnet.path: subnet["cidr_block"] for subnet in stack.all("aws_subnet")}

    assert blocks(after).items() >= blocks(before).items()
    assert len(set(blocks(after).values())) == len(blocks(after)) == 3 * len(zones)
    for type_, count in (("aws_nat_gateway", len(zones)), ("aws_eip", len(zones))):
        assert len(after.all(type_)) == count
    for path in (f"{colour}-database/subnets" for colour in COLOURS):
        assert len(after.at(path)["subnet_ids"]) == len(zones)


@pytest.mark.parametrize(
    ("zones", "problem"),
    [("ab", "at least 3 items"), ("abcdef", "at most 5 items"), ("abcc", "the same zone twice")],
)
def test_other_numbers_of_zones_are_refused(tmp_path: Path, zones: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, document({"/availability_zones": [f"us-east-1{zone}" for zone in zones]}))
    (mistake,) = caught.value.mistakes
    assert "availability_zones" in mistake.splitlines()[0]
    assert problem in mistake
