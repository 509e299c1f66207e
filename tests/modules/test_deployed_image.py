"""An image that was deployed past Terraform stays: the next plan is empty, and an apply keeps it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from embedded_aws import LocalAws

from bluegreen.terraform import Terraform
from bluegreen.terraform.plans import KeptImage, kept_images
from tests.stack_reader import Stack

pytestmark = pytest.mark.integration

NEW = "123456789012.dkr.ecr.us-east-1.amazonaws.com/payments-local@sha256:" + 64 * "e"


@pytest.fixture
def aws(_integration: None, tmp_path: Path) -> Iterator[LocalAws]:
    with embedded_aws.running(tmp_path / "aws") as running:
        yield running


def document(stack: Stack, memory: str) -> dict[str, Any]:
    """Blue's parameter, task definition and service, with the arguments that the stack gives them."""
    image, definition = stack.at("blue-fargate/image"), stack.at("blue-fargate/task-definition")
    service = stack.at("blue-fargate/service").block
    (container,) = json.loads(definition["container_definitions"])
    container |= {"image": "${aws_ssm_parameter.image.insecure_value}", "secrets": []}
    container["logConfiguration"]["options"]["awslogs-group"] = "payments"
    container["environment"] = [e for e in container["environment"] if "${" not in e["value"]]
    others = (
        "cluster",
        "task_definition",
        "network_configuration",
        "load_balancer",
        "depends_on",
        "provider",
    )
    left_out = ("execution_role_arn", "task_role_arn", "lifecycle", "provider")
    return {
        "terraform": {"required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}},
        "provider": {"aws": [{"region": embedded_aws.REGION, "max_retries": 2}]},
        "resource": {
            "aws_ssm_parameter": {"image": image.block},
            "aws_vpc": {"own": {"cidr_block": "10.0.0.0/16"}},
            "aws_subnet": {"own": {"vpc_id": "${aws_vpc.own.id}", "cidr_block": "10.0.0.0/24"}},
            "aws_ecs_cluster": {"blue": {"name": "blue"}},
            "aws_ecs_task_definition": {
                "blue": {
                    **{name: value for name, value in definition.block.items() if name not in left_out},
                    "container_definitions": json.dumps([container]),
                    "memory": memory,
                }
            },
            "aws_ecs_service": {
                "blue": {
                    **{name: value for name, value in service.items() if name not in others},
                    "name": "blue",
                    "cluster": "${aws_ecs_cluster.blue.arn}",
                    "task_definition": "${aws_ecs_task_definition.blue.arn}",
                    "network_configuration": {"subnets": ["${aws_subnet.own.id}"]},
                }
            },
        },
    }


def deploy(aws: LocalAws, parameter: str) -> None:
    """As the switch does: a copy of the revision that runs, the parameter, the service."""
    ecs = aws.client("ecs")
    (service,) = ecs.describe_services(cluster="blue", services=["blue"])["services"]
    described = ecs.describe_task_definition(taskDefinition=service["taskDefinition"], include=["TAGS"])
    live, wanted = (
        described["taskDefinition"],
        ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape.members,
    )
    copy = {name: value for name, value in live.items() if name in wanted}
    copy["containerDefinitions"][0]["image"] = NEW
    revision = ecs.register_task_definition(**copy, tags=described["tags"])["taskDefinition"]
    aws.client("ssm").put_parameter(Name=parameter, Value=NEW, Type="String", Overwrite=True)
    ecs.update_service(cluster="blue", service="blue", taskDefinition=revision["taskDefinitionArn"])


def running(aws: LocalAws) -> tuple[str, str]:
    """Image and memory of what the service runs."""
    ecs = aws.client("ecs")
    (service,) = ecs.describe_services(cluster="blue", services=["blue"])["services"]
    live = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    return live["containerDefinitions"][0]["image"], live["memory"]


@pytest.mark.long
def test_a_deployed_image_stays(stacks: dict[str, Stack], aws: LocalAws, tmp_path: Path) -> None:
    place = tmp_path / "stack"
    place.mkdir()
    terraform = Terraform(place, aws.environment())

    def apply(memory: str) -> None:
        (place / "cdk.tf.json").write_text(json.dumps(document(stacks["local"], memory)))
        terraform.init()
        terraform.apply(lambda _: None)

    def changes() -> Any:
        return terraform.plan(place / "tfplan").changes

    def kept() -> list[KeptImage]:
        return kept_images(terraform.show(place / "tfplan"))

    apply("512")
    first = stacks["local"].at("blue-fargate/image")
    assert running(aws) == (first["insecure_value"], "512")
    assert changes() == ()
    assert kept() == []
    deploy(aws, first["name"])
    assert changes() == ()
    assert kept() == [KeptImage("blue", first["insecure_value"], NEW)]
    apply("1024")
    assert running(aws) == (NEW, "1024")
    assert changes() == ()
