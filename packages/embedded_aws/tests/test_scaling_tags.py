"""The extension `scaling_tags`."""

import uuid
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError


def target(aws: embedded_aws.LocalAws, **tags: str) -> str:
    """ARN of the scalable target of a new service."""
    ecs, name = aws.client("ecs"), str(uuid.uuid4())
    ecs.create_cluster(clusterName=name)
    container = {"name": "application", "image": "application", "memory": 512}
    ecs.register_task_definition(family=name, containerDefinitions=[container])
    ecs.create_service(cluster=name, serviceName=name, taskDefinition=name, desiredCount=1)
    return register(aws, name, Tags=tags)


def register(aws: embedded_aws.LocalAws, name: str, **arguments: Any) -> str:
    registered = aws.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{name}/{name}",
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=3,
        **arguments,
    )
    return str(registered["ScalableTargetARN"])


def tags_of(aws: embedded_aws.LocalAws, arn: str) -> dict[str, str]:
    answer = aws.client("application-autoscaling").list_tags_for_resource(ResourceARN=arn)
    return dict(answer["Tags"])


def test_a_target_keeps_its_tags(aws: embedded_aws.LocalAws) -> None:
    arn, client = target(aws, Colour="blue", Name="payments"), aws.client("application-autoscaling")
    client.tag_resource(ResourceARN=arn, Tags={"Colour": "green"})
    client.untag_resource(ResourceARN=arn, TagKeys=["Name", "Absent"])
    assert tags_of(aws, arn) == {"Colour": "green"}


def test_registering_again_adds_to_them(aws: embedded_aws.LocalAws) -> None:
    arn = target(aws, Colour="blue")
    described = aws.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    (name,) = {
        entry["ResourceId"].split("/")[1]
        for entry in described["ScalableTargets"]
        if entry["ScalableTargetARN"] == arn
    }
    assert register(aws, name, Tags={"Name": "payments"}) == arn
    assert tags_of(aws, arn) == {"Colour": "blue", "Name": "payments"}


def test_of_no_target(aws: embedded_aws.LocalAws) -> None:
    with pytest.raises(ClientError, match="no scalable target"):
        tags_of(aws, "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/none")


def test_stock_moto_still_has_no_tags(stock: embedded_aws.LocalAws) -> None:
    with pytest.raises(ClientError):
        tags_of(stock, target(stock, Colour="blue"))
