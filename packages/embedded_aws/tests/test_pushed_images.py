"""Images that are told before their repository is there, and a service that starts with one."""

import embedded_aws
import pytest
from embedded_aws import ACCOUNT_ID, LocalAws

REGISTRY = f"{ACCOUNT_ID}.dkr.ecr.us-east-1.amazonaws.com"


def digest(character: str) -> str:
    return f"sha256:{character * 64}"


def found(aws: LocalAws, repository: str) -> set[str]:
    ecr = aws.client("ecr")
    return {one["imageDigest"] for one in ecr.describe_images(repositoryName=repository)["imageDetails"]}


def test_they_are_in_the_repository_as_soon_as_it_is_there(aws: LocalAws) -> None:
    early, late = f"{REGISTRY}/early@{digest('a')}", f"{REGISTRY}/early@{digest('b')}"
    assert embedded_aws.seed_image(aws, early)
    assert not embedded_aws.seed_image(aws, early)
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="early", imageTagMutability="IMMUTABLE")
    ecr.create_repository(repositoryName="another")
    assert found(aws, "early") == {digest("a")}
    assert embedded_aws.seed_image(aws, late)
    assert found(aws, "early") == {digest("a"), digest("b")}
    assert found(aws, "another") == set()


@pytest.mark.parametrize("image", ["python:3.13", f"{REGISTRY}/early:1.0.0"])
def test_what_has_no_digest_is_not_pushed(aws: LocalAws, image: str) -> None:
    assert not embedded_aws.seed_image(aws, image)
