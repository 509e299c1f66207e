"""What a container's settings have in common: image, user, directories."""

from typing import Annotated

from pydantic import AfterValidator, Field

# As the ECR API has it: RepositoryName.
REPOSITORY = r"([a-z0-9]+([._-][a-z0-9]+)*/)*[a-z0-9]+([._-][a-z0-9]+)*"
IMAGE = rf"^[0-9]{{12}}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/{REPOSITORY}@sha256:[0-9a-f]{{64}}$"
LARGEST_ID = 2**31 - 1  # of a user or group: container runtimes refuse more

Directory = Annotated[
    str,
    Field(
        pattern=r"^(/[A-Za-z0-9_.-]+)+$",
        max_length=255,
        description="an absolute path in the container, up to 255 letters, digits and / _ . -",
        examples=["/tmp"],  # noqa: S108 - inside the container, which has no other user
    ),
]


def volume_name(directory: str) -> str:
    """The name of a directory's volume: letters, digits, hyphens and underscores, up to 255."""
    return directory.strip("/").replace("/", "-").replace(".", "_")


def _small_enough(user: str) -> str:
    for number in user.split(":"):
        if int(number) > LARGEST_ID:
            raise ValueError(f"{number} is more than {LARGEST_ID}")
    return user


User = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,9}:[1-9][0-9]{0,9}$"), AfterValidator(_small_enough)]
