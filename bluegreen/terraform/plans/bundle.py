"""A plan file and the stack that it was made from, as one archive that its SHA-256 names."""

import hashlib
import io
import re
import tarfile
from pathlib import Path

from bluegreen.terraform.plans.errors import PlanBundleError

PLAN_FILE = "tfplan"
DOCUMENT = "plan.json"  # the plan as JSON, for the gate: it is not part of the bundle
NAME = re.compile(r"[0-9a-f]{64}")
# What Terraform makes anew in every directory, what is made from the plan, and a state that waits to be
# saved.
LEFT_OUT = (".terraform", DOCUMENT, "errored.tfstate")


def pack(stack: Path) -> tuple[str, bytes]:
    """The archive of `stack`, the plan file in it, and the archive's name."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path in sorted(stack.iterdir()):
            if path.name not in LEFT_OUT:
                archive.add(path, path.name)
    found = content.getvalue()
    return hashlib.sha256(found).hexdigest(), found


def unpack(name: str, content: bytes, directory: Path) -> None:
    """Write the stack of the bundle called `name` into the empty `directory`. Raises PlanBundleError."""
    found = hashlib.sha256(content).hexdigest()
    if found != name:
        raise PlanBundleError(
            f"the plan that is kept as {name} has the SHA-256 {found}: it is not the one that was approved",
            "find out who changed it; plan again and have that approved",
        )
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(directory, filter="data")


def checked(name: str) -> str:
    """`name`, if it can be one. Raises PlanBundleError."""
    if not NAME.fullmatch(name):
        raise PlanBundleError(
            f"{name!r} names no plan: a name is the 64 hexadecimal digits of a SHA-256",
            "take it from what `bluegreen plan` said",
        )
    return name
