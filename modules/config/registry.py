"""Where the images come from."""

from dataclasses import dataclass

from pydantic import Field

from modules.config.model import Model


class Registry(Model):
    """The ECR repository of the images."""

    create_repository: bool = Field(
        default=True,
        strict=True,
        description="true: the stack makes a repository called as the deployment's resources begin, such as "
        "payments-staging, and the images are in it; false: they are in one that exists",
        examples=[True],
    )
    enhanced_scanning: bool = Field(
        default=False,
        strict=True,
        description="true: Amazon Inspector scans the deployment's images continuously; this sets the whole "
        "registry, so one deployment of an account and region may say so; false: they are scanned at push",
        examples=[True],
    )


@dataclass(frozen=True)
class Image:
    """The parts of an ECR image reference."""

    account_id: str
    region: str
    repository: str


def parse_image(reference: str) -> Image:
    """Parts of `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<digest>`."""
    host, _, path = reference.partition("/")
    account_id, _, _, region, *_ = host.split(".")
    return Image(account_id, region, path.partition("@")[0])
