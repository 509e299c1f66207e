"""What breaks out of the application finds nothing to break out with."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Body, is_true, listed, lookup

from policies._policy import ResourcePolicy
from policies.service._containers import TASK_DEFINITION, containers

ROOT = ("0", "root")
# ECS API reference, ContainerDefinition, user: names or numbers, of a user and perhaps a group.
_USER = re.compile(r"(?:\d{1,10}|[a-z_][\w-]{0,31})(?::(?:\d{1,10}|[a-z_][\w-]{0,31}))?")


class ContainersHaveNoPrivileges(ResourcePolicy):
    policy = "CKV_BG_261"
    title = "No container is privileged, runs as root, or has more capabilities than it was given"
    requirement = None
    pci = "7.2.5"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "One flaw of the application is then the whole task's, with its role and its secrets"
    fix = (
        'set user to a number other than 0, privileged = false, linuxParameters.capabilities.drop = ["ALL"] '
        "in container_definitions"
    )
    types = (TASK_DEFINITION,)

    def defects(self, resource: Block) -> Iterator[str]:
        for mode in ("pid_mode", "ipc_mode", "network_mode"):
            if resource.get(mode) == "host":
                yield f"shares the host's {mode.partition('_')[0]} namespace"
        for called, container in containers(resource):
            yield from (f"{called} {defect}" for defect in _of(container))


def _of(container: Body) -> Iterator[str]:
    user = container.get("user")
    if is_true(container.get("privileged")):
        yield "is privileged"
    if user in (None, ""):
        yield "names no user, and runs as root unless its image says otherwise"
    elif str(user).partition(":")[0] in ROOT:
        yield "runs as root"
    elif not _USER.fullmatch(str(user)):
        yield f"runs as {user}, which is no user and group"
    if "${" in str(container.get("privileged")):
        yield f"is privileged where {container.get('privileged')} is true"
    if added := listed(lookup(container, "linuxParameters.capabilities.add")):
        yield f"is given {', '.join(map(str, added))}"
    if "ALL" not in listed(lookup(container, "linuxParameters.capabilities.drop")):
        yield "keeps the default capabilities"


check = ContainersHaveNoPrivileges()
