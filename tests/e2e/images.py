"""Images in the repository of the deployment `local`, for end-to-end tests of new versions."""

import hashlib
import json

from tests.e2e.platform import Platform

REPOSITORY = "payments-local"
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


def push(platform: Platform, tag: str, **annotations: str) -> str:
    """An image of the repository; its name by digest. One annotated with `crash` ends at once."""
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "layers": [],
            "annotations": {"tag": tag, **annotations},
        }
    )
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    platform.aws.client("ecr").put_image(
        repositoryName=REPOSITORY, imageManifest=manifest, imageTag=tag, imageDigest=digest
    )
    return f"{REGISTRY}/{REPOSITORY}@{digest}"
