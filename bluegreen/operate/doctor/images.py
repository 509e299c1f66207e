"""The images that the task definitions name: in the registry by their digests, for the right architecture.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
https://github.com/opencontainers/image-spec/blob/main/image-index.md
"""

import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from embedded_aws.images import IMAGE
from stack_gate.stack import Block

from bluegreen.operate.doctor.findings import Answer, Check, failed, not_needed, passed
from bluegreen.operate.doctor.subject import Subject

# What the task definition says → what images say (GOARCH).
ARCHITECTURES = {"ARM64": "arm64", "X86_64": "amd64"}
DEFAULT_ARCHITECTURE = "X86_64"  # Amazon ECS API reference, RuntimePlatform
CONFIG_BYTES = 4 * 1024 * 1024  # a config is a few kilobytes
TIMEOUT_SECONDS = 20


def images(subject: Subject) -> Iterator[Answer]:
    """Of each task definition."""
    if subject.backend is None:
        yield not_needed("the embedded AWS runs no images")
        return
    for definition in subject.stack.resources("aws_ecs_task_definition"):
        containers = json.loads(definition.get("container_definitions") or "[]")
        for name in (container["image"] for container in containers):
            if image := IMAGE.fullmatch(_first(subject, name)):
                yield _image(subject, definition, image)


def _first(subject: Subject, image: str) -> str:
    """What the parameter of a deployed image declares: the image that a new deployment begins with."""
    parameter = subject.stack.one(image, "aws_ssm_parameter") if image.startswith("${") else None
    return str(parameter.get("insecure_value")) if parameter else image


def _image(subject: Subject, definition: Block, image: re.Match[str]) -> Answer:
    wanted = definition.get("runtime_platform.cpu_architecture") or DEFAULT_ARCHITECTURE
    about, needed = definition.called, f"{image['digest']} for {wanted}"
    made_here = {block.get("name"): block for block in subject.stack.resources("aws_ecr_repository")}.get(
        image["repository"]
    )
    if made_here is not None and not subject.exists(made_here):
        return not_needed(f"the apply makes the repository {image['repository']}; push then", about=about)
    where = {"registryId": image["registry"], "repositoryName": image["repository"]}
    push = f"push that image to {image['repository']}, or correct its digest in `image`"
    ecr = subject.client("ecr")
    try:
        answer = ecr.batch_get_image(**where, imageIds=[{"imageDigest": image["digest"]}])
    except ecr.exceptions.RepositoryNotFoundException:
        return failed(f"no repository {image['repository']}", push, about=about, needed=needed)
    if not answer["images"]:
        return failed(f"not in {image['repository']}", push, about=about, needed=needed)
    manifest = json.loads(answer["images"][0]["imageManifest"])
    there = sorted(_architectures(subject, where, manifest))
    if ARCHITECTURES.get(wanted, wanted) in there:
        return passed(f"there, for {', '.join(there)}", about=about, needed=needed)
    build = f"build it for {wanted}, or set `architecture` of its service"
    return failed(f"for {', '.join(there) or 'no architecture'}", build, about=about, needed=needed)


def _architectures(subject: Subject, where: Mapping[str, Any], manifest: Mapping[str, Any]) -> set[str]:
    """Of an index by its platforms; of a single image by its config. Attestations have "unknown"."""
    if "manifests" in manifest:
        platforms = (one.get("platform", {}) for one in manifest["manifests"])
        return {one["architecture"] for one in platforms if one.get("architecture", "unknown") != "unknown"}
    digest = manifest["config"]["digest"]
    answer = subject.client("ecr").get_download_url_for_layer(**where, layerDigest=digest)
    return {str(json.loads(_content(answer["downloadUrl"]))["architecture"])}


def _content(url: str) -> bytes:
    """What AWS has presigned: over HTTPS, or from an embedded AWS on loopback."""
    loopback = url.startswith("http://127.0.0.1:")
    if not (loopback or url.startswith("https://")):
        raise ValueError("the registry answered an address that is not HTTPS")
    handler = urllib.request.ProxyHandler({} if loopback else None)
    with urllib.request.build_opener(handler).open(url, timeout=TIMEOUT_SECONDS) as answer:
        content: bytes = answer.read(CONFIG_BYTES)
        return content


CHECKS = (
    Check(
        "image",
        "in the registry, for its architecture",
        ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
        images,
    ),
)
