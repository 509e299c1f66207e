"""The images that the switch deploys: of the repository that a colour's configuration names, by their digest.

A tag may mean another image tomorrow; whoever names one has it resolved first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# The container of a task definition whose image is deployed; those beside it keep theirs.
APPLICATION = "application"
# As the ECR API has it: RepositoryName.
_REPOSITORY = r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*"
REPOSITORY = rf"[0-9]{{12}}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com/{_REPOSITORY}"
IMAGE = rf"{REPOSITORY}@sha256:[0-9a-f]{{64}}"
IMAGE_LIMIT = 400
# How long a rollout may take, and as long again the way back.
ROLLOUT_SECONDS = 1800


@dataclass(frozen=True)
class Image:
    """An image by its digest. `registry`: the account's id."""

    registry: str
    repository: str
    digest: str

    @classmethod
    def read(cls, text: str) -> Image | None:
        """None: it is not of the form REGISTRY/REPOSITORY@sha256:…"""
        if not re.fullmatch(IMAGE, text):
            return None
        place, _, digest = text.partition("@")
        host, _, repository = place.partition("/")
        return cls(host.partition(".")[0], repository, digest)


def repository_of(image: str) -> str:
    """REGISTRY/REPOSITORY, of an image by digest, by tag, or by neither."""
    place = image.partition("@")[0]
    head, slash, last = place.rpartition("/")
    return head + slash + last.partition(":")[0]
