"""What runs a colour: tasks that can do little, a service that rolls back, scaling within bounds."""

import json
from typing import Any

import pytest

from tests.stack_reader import Resource, Stack

COLOURS = ("blue", "green")
each_colour = pytest.mark.parametrize("colour", COLOURS)


def definition(stack: Stack, colour: str) -> Resource:
    return stack.at(f"{colour}-fargate/task-definition")


def container(stack: Stack, colour: str) -> dict[str, Any]:
    (only,) = json.loads(definition(stack, colour)["container_definitions"])
    return dict(only)


def service(stack: Stack, colour: str) -> Resource:
    return stack.at(f"{colour}-fargate/service")


def granted(stack: Stack, role: str) -> dict[str, tuple[str, ...]]:
    """Action → resources, of everything that is granted to the role at that path."""
    return {
        action: tuple(statement["Resource"])
        for found in stack.all("aws_iam_role_policy")
        if stack.named(found["role"]).path == role
        for statement in found.policy()
        for action in statement["Action"]
    }


@each_colour
def test_a_container_has_no_privileges(stack: Stack, colour: str) -> None:
    found = container(stack, colour)

    assert found["user"] == "10001:10001"
    assert found["privileged"] is False
    assert found["readonlyRootFilesystem"] is True
    assert found["linuxParameters"] == {
        "initProcessEnabled": True,
        "capabilities": {"drop": ["ALL"]},
    }


@each_colour
def test_what_must_be_writable_is_an_empty_volume(stack: Stack, colour: str) -> None:
    mounted = {
        mount["sourceVolume"]: mount["containerPath"] for mount in container(stack, colour)["mountPoints"]
    }

    assert mounted == {"tmp": "/tmp"}  # noqa: S108 - in the container
    assert definition(stack, colour)["volume"] == [{"name": "tmp"}]


@each_colour
def test_secrets_are_injected_and_nothing_secret_is_in_the_environment(stack: Stack, colour: str) -> None:
    found = container(stack, colour)
    secret = stack.at(f"{colour}-credentials/secret")
    arn = f"${{aws_secretsmanager_secret.{secret.name}.arn}}"

    assert {entry["name"]: entry["valueFrom"] for entry in found["secrets"]} == {
        "DATABASE_PASSWORD": f"{arn}:password::",
        "DATABASE_USERNAME": f"{arn}:username::",
    }
    told = {entry["name"]: entry["value"] for entry in found["environment"]}
    assert set(told) == {
        "BLUE_DATABASE_HOST",
        "BLUE_DATABASE_SECRET_ARN",
        "COLOUR",
        "DATABASE_HOST",
        "DATABASE_NAME",
        "DATABASE_PORT",
        "DATABASE_READER_HOST",
        "DATABASE_SECRET_ARN",
        "GREEN_DATABASE_HOST",
        "GREEN_DATABASE_SECRET_ARN",
        "PORT",
        "SESSION_TABLE",
    }
    assert told["COLOUR"] == colour
    assert stack.named(told["DATABASE_HOST"]).path == f"{colour}-database/cluster"
    for each in COLOURS:
        assert stack.named(told[f"{each.upper()}_DATABASE_HOST"]).path == f"{each}-database/cluster"
        assert stack.named(told[f"{each.upper()}_DATABASE_SECRET_ARN"]).path == f"{each}-credentials/secret"
    assert stack.named(told["SESSION_TABLE"]) == stack.at("sessions/table")


@each_colour
def test_its_log_is_encrypted_and_kept(stack: Stack, colour: str) -> None:
    group = stack.named(container(stack, colour)["logConfiguration"]["options"]["awslogs-group"])

    assert group.path == f"{colour}-fargate/logs"
    assert stack.named(group["kms_key_id"]) == stack.one("aws_kms_key")
    assert group["retention_in_days"] == 365


@each_colour
def test_it_stops_before_its_connections_are_cut(stack: Stack, colour: str) -> None:
    delay = int(stack.at(f"{colour}/targets")["deregistration_delay"])

    assert 2 <= container(stack, colour)["stopTimeout"] <= delay


@each_colour
def test_the_application_may_use_its_sessions_and_both_application_secrets(stack: Stack, colour: str) -> None:
    allowed = granted(stack, f"{colour}/role")
    table = f"${{aws_dynamodb_table.{stack.at('sessions/table').name}.arn}}"
    own_first = sorted(COLOURS, key=lambda each: each != colour)
    secrets = tuple(
        f"${{aws_secretsmanager_secret.{stack.at(f'{each}-credentials/secret').name}.arn}}"
        for each in own_first
    )
    key = f"${{aws_kms_key.{stack.one('aws_kms_key').name}.arn}}"

    sessions = dict.fromkeys(
        (f"dynamodb:{verb}Item" for verb in ("Delete", "Get", "Put", "Update")), (table,)
    )
    assert allowed == sessions | {"secretsmanager:GetSecretValue": secrets, "kms:Decrypt": (key,)}


@each_colour
def test_what_starts_tasks_may_pull_inject_and_log(stack: Stack, colour: str) -> None:
    allowed = granted(stack, f"{colour}/execution-role")
    repository = f"${{aws_ecr_repository.{stack.one('aws_ecr_repository').name}.arn}}"

    assert allowed.pop("ecr:GetAuthorizationToken") == ("*",)
    assert {action: len(resources) for action, resources in allowed.items()} == dict.fromkeys(
        (
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
            "kms:Decrypt",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:GetSecretValue",
        ),
        1,
    )
    assert allowed["ecr:BatchGetImage"] == (repository,)


def test_the_key_is_used_by_way_of_services_only(stack: Stack) -> None:
    for colour in COLOURS:
        for name in ("application", "execution"):
            statements = {s["Sid"]: s for s in stack.at(f"{colour}-fargate/{name}").policy()}
            assert set(statements["Key"]["Condition"]["StringEquals"]) == {"kms:ViaService"}


@each_colour
def test_the_service_is_private_rolls_back_and_is_not_waited_for(stack: Stack, colour: str) -> None:
    found = service(stack, colour)

    network = found["network_configuration"]
    assert network["assign_public_ip"] is False
    assert {stack.named(subnet).path for subnet in network["subnets"]} == {
        f"network/application-us-east-1{zone}" for zone in "abc"
    }
    assert [stack.named(group).path for group in network["security_groups"]] == [f"{colour}/security-group"]
    assert found["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
    assert found["deployment_minimum_healthy_percent"] == 100
    assert found["wait_for_steady_state"] is False
    assert found["enable_execute_command"] is False
    assert found["propagate_tags"] == "SERVICE"
    assert found["enable_ecs_managed_tags"] is True
    (target,) = found["load_balancer"]
    assert stack.named(target["target_group_arn"]).path == f"{colour}/targets"
    assert target["container_name"] == container(stack, colour)["name"]
    assert {name.partition(".")[0] for name in found["depends_on"]} >= {
        "aws_lb_listener",
        "aws_secretsmanager_secret_rotation",
    }


@each_colour
def test_each_colour_has_a_cluster_of_its_own(stack: Stack, colour: str) -> None:
    cluster = stack.named(service(stack, colour)["cluster"])

    assert cluster.path == f"{colour}-fargate/cluster"
    assert cluster["setting"] == [{"name": "containerInsights", "value": "enabled"}]
    storage = cluster["configuration"]["managed_storage_configuration"]
    assert stack.named(storage["fargate_ephemeral_storage_kms_key_id"]) == stack.one("aws_kms_key")


@each_colour
def test_scaling_stays_between_floor_and_ceiling_and_no_apply_interferes(stack: Stack, colour: str) -> None:
    target = stack.at(f"{colour}-fargate/scaling/target")
    policies = {
        found["target_tracking_scaling_policy_configuration"]["predefined_metric_specification"][
            "predefined_metric_type"
        ]: found
        for found in stack.all("aws_appautoscaling_policy")
        if found.path.startswith(f"{colour}-")
    }

    assert service(stack, colour)["desired_count"] == target["min_capacity"] <= target["max_capacity"]
    assert service(stack, colour)["lifecycle"] == {"ignore_changes": ["desired_count"]}
    assert set(policies) == {"ECSServiceAverageCPUUtilization", "ALBRequestCountPerTarget"}
    label = policies["ALBRequestCountPerTarget"]["target_tracking_scaling_policy_configuration"][
        "predefined_metric_specification"
    ]["resource_label"]
    balancer, group = (stack.named(f"${{{part}}}") for part in label[2:-1].split("}/${"))
    assert (balancer.type, group.path) == ("aws_lb", f"{colour}/targets")


def test_tasks_reach_the_endpoints_and_both_databases_and_nothing_else(stack: Stack) -> None:
    for colour in COLOURS:
        group = stack.at(f"{colour}/security-group")
        rules = [
            rule
            for rule in stack.all("aws_vpc_security_group_egress_rule")
            if stack.named(rule["security_group_id"]) == group
        ]
        reached = {
            stack.named(rule.block.get("referenced_security_group_id") or rule.block["prefix_list_id"]).path
            for rule in rules
        }
        assert reached == {
            "endpoints/dynamodb",
            "endpoints/s3",
            "endpoints/security-group",
            *(f"{each}-database/security-group" for each in COLOURS),
        }


def test_every_task_has_the_endpoints_that_start_it(stack: Stack) -> None:
    there = {
        endpoint["service_name"].partition("us-east-1.")[2] for endpoint in stack.all("aws_vpc_endpoint")
    }

    assert there >= {"dynamodb", "ecr.api", "ecr.dkr", "logs", "s3", "secretsmanager"}
