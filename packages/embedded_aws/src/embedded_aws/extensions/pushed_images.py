"""Images that are in their repository as soon as it is there: a pipeline would have pushed them.

Their digests are those of the configuration, and their manifests stand in for what has them.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from moto.ecr.models import ECRBackend, Repository, ecr_backends

from embedded_aws.extensions import Server, replace
from embedded_aws.images import IMAGE

MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def install(server: Server) -> None:
    """Extend moto's image registry."""
    replace(ECRBackend, "create_repository", partial(_create, server))


def push(server: Server, image: str) -> bool:
    """Have an image by its digest in its repository, now or as soon as that is created.

    Returns False where it was told before, or has no digest.
    """
    found = IMAGE.fullmatch(image)
    if found is None or image in server.images:
        return False
    server.images.append(image)
    backend = ecr_backends[found["registry"]][server.region]
    if found["repository"] in backend.repositories:
        _put(backend, found["repository"], found["digest"])
    return True


def _create(
    server: Server, stock: Callable[..., Repository], backend: ECRBackend, *args: Any, **named: Any
) -> Repository:
    repository = stock(backend, *args, **named)
    for found in filter(None, map(IMAGE.fullmatch, server.images)):
        if (found["registry"], found["repository"]) == (backend.account_id, repository.name):
            _put(backend, repository.name, found["digest"])
    return repository


def _put(backend: ECRBackend, repository: str, digest: str) -> None:
    tag = digest.removeprefix("sha256:")
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "layers": [], "annotations": {"tag": tag}}
    backend.put_image(repository, json.dumps(manifest), tag, digest=digest)
