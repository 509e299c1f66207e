"""The lock that a killed Terraform has left on its state: whose it is, and by which ID it is released."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bluegreen.cli.deployment import Deployment, is_local
from bluegreen.terraform import TerraformFailedError
from bluegreen.terraform.bootstrap import state_backend
from bluegreen.terraform.recovery.clients import ClientFor, calling

# As Terraform words it where it finds a lock: "Lock Info:", then one line each.
SAID = re.compile(r"Lock Info:.*?\bID:\s+(?P<id>\S+).*?\bWho:\s+(?P<who>[^\n]+)", re.DOTALL)
RELEASING = "Error releasing the state lock"


@dataclass(frozen=True)
class Lock:
    """`who`: user@host of the Terraform that took it."""

    id: str
    who: str


def lock_of(
    error: TerraformFailedError, place: Deployment, document: Mapping[str, Any], client_for: ClientFor
) -> Lock | None:
    """The lock that `error` met, or left; None where there is none, or it can't be read."""
    if found := SAID.search(str(error)):
        return Lock(found["id"], found["who"].strip())
    return left_lock(place, document, client_for) if error.killed or RELEASING in str(error) else None


def left_lock(place: Deployment, document: Mapping[str, Any], client_for: ClientFor) -> Lock | None:
    """The lock that is there now; None where there is none, or it can't be read."""
    with suppress(KeyError, OSError, ValueError):
        content = json.loads(_left(place, document, client_for))
        return Lock(content["ID"], content["Who"])
    return None


def _left(place: Deployment, document: Mapping[str, Any], client_for: ClientFor) -> str:
    """Terraform writes it beside the state.

    Sources: internal/states/statemgr/filesystem.go and internal/backend/remote-state/s3/client.go.
    """
    if is_local(document):
        path = Path(document["terraform"]["backend"]["local"]["path"])
        return (place.stack / path).with_name(f".{path.name}.lock.info").read_text(encoding="utf-8")
    backend = state_backend(document)
    if backend is None:
        raise ValueError("a backend whose locks are unknown")

    def read() -> str:
        found = client_for("s3").get_object(Bucket=backend.bucket, Key=f"{backend.key}.tflock")
        return str(found["Body"].read().decode())

    return calling(read, missing=lambda: "{}", failed=lambda _: "{}")
