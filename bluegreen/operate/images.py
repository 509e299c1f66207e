"""From what an operator types to an image by its digest: a tag is resolved, once, and shown."""

import re

from bluegreen.aws import Access
from bluegreen.operate.client import NotReachableError
from lambda_src.contract.images import IMAGE, REPOSITORY

READ_TIMEOUT_SECONDS, ATTEMPTS = 10.0, 3
_BY_TAG = re.compile(rf"(?P<repository>{REPOSITORY}):(?P<tag>[\w.-]{{1,128}})")


class ImageError(Exception):
    """The image can't be named by its digest. The message says which and why; `fix`: what to do."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


def by_digest(image: str, access: Access) -> str:
    """The image's name by its digest; as it is where it has one. Raises ImageError, NotReachableError."""
    if re.fullmatch(IMAGE, image):
        return image
    named = _BY_TAG.fullmatch(image)
    if named is None:
        raise ImageError(
            f"--image {image} names no image of ECR by digest or tag",
            "give ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:…, or …/REPOSITORY:TAG",
        )
    return f"{named['repository']}@{_digest(named['repository'], named['tag'], access)}"


def _digest(repository: str, tag: str, access: Access) -> str:
    """Of the tag as it is now."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long

    host, _, name = repository.partition("/")
    registry, region = host.split(".")[0], host.split(".")[3]
    where = Access(region, access.endpoint_url, access.environment)
    try:
        ecr = where.client("ecr", read_timeout=READ_TIMEOUT_SECONDS, attempts=ATTEMPTS)
        found = ecr.describe_images(registryId=registry, repositoryName=name, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        if code in ("ImageNotFoundException", "RepositoryNotFoundException"):
            raise ImageError(
                f"{repository} has no image with the tag {tag}", "push it, or name another"
            ) from error
        raise NotReachableError(f"the tag {tag} was not resolved: ECR answered {code}") from error
    except (BotoCoreError, ValueError) as error:
        raise NotReachableError(f"the tag {tag} was not resolved: {error}") from error
    return str(found["imageDetails"][0]["imageDigest"])
