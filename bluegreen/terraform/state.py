"""What Terraform's state says of resources, read from the state document itself.

`terraform show` leaves out why a resource is marked, and starts every provider. The format is version 4:
https://github.com/hashicorp/terraform/blob/v1.11.4/internal/states/statefile/version4.go
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, order=True)
class Instance:
    """One resource instance. `tainted`: its creation did not finish, so Terraform would replace it."""

    address: str
    type: str
    attributes: Mapping[str, Any] = field(repr=False, compare=False)
    tainted: bool = False


@dataclass(frozen=True)
class State:
    """`lineage` and `serial` order the states of one deployment; empty and 0 where there is none yet."""

    lineage: str = ""
    serial: int = 0
    instances: tuple[Instance, ...] = ()

    @property
    def tainted(self) -> tuple[Instance, ...]:
        """In order of address."""
        return tuple(sorted(instance for instance in self.instances if instance.tainted))

    def __contains__(self, address: object) -> bool:
        return any(instance.address == address for instance in self.instances)


def parse(text: str) -> State:
    """Raises ValueError where `text` is neither a state nor empty."""
    if not text.strip():
        return State()
    document = json.loads(text)
    try:
        found = tuple(_instances(document.get("resources", ())))
        return State(document["lineage"], document["serial"], found)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no Terraform state: {error!r}") from error


def _instances(resources: Any) -> Iterator[Instance]:
    for resource in resources:
        if resource["mode"] != "managed":
            continue
        parts = [resource["module"]] if resource.get("module") else []
        base = ".".join((*parts, resource["type"], resource["name"]))
        for instance in resource["instances"]:
            key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
            tainted = instance.get("status") == "tainted"
            yield Instance(base + key, resource["type"], instance.get("attributes") or {}, tainted)
