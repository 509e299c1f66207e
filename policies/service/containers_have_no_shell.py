"""No operator and no attacker gets a shell in a container."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from stack_gate.stack import Block, is_false, is_true, listed

from policies._policy import ResourcePolicy
from policies.service._containers import SERVICE, TASK_DEFINITION, containers

_SHELLS = frozenset({
    "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "nc", "ncat", "pwsh", "screen", "sh", "socat",
    "sshd", "tcsh", "tmate", "tmux", "ttyd", "zsh",
})  # fmt: skip
_WRAPPERS = frozenset({"env", "exec", "nohup", "setsid", "sudo", "su", "tini", "dumb-init", "timeout"})


class ContainersHaveNoShell(ResourcePolicy):
    policy = "CKV_BG_314"
    title = "No container starts a shell, and ECS Exec is off"
    requirement = None
    pci = "7.2.5"
    profiles = ("general",)
    severity = "HIGH"
    why = (
        "In the shell are the application's secrets, its role and its network, and nobody reviews what is "
        "typed"
    )
    fix = "set enable_execute_command = false; start the application itself in entryPoint and command"
    types = (SERVICE, TASK_DEFINITION)

    def defects(self, resource: Block) -> Iterator[str]:
        exec_ = resource.get("enable_execute_command")
        if resource.type == SERVICE and exec_ is not None and not is_false(exec_):
            yield "has ECS Exec on"
        for called, container in containers(resource) if resource.type == TASK_DEFINITION else ():
            if is_true(container.get("interactive")) or is_true(container.get("pseudoTerminal")):
                yield f"{called} has a terminal"
            for key in ("entryPoint", "command"):
                if shell := _shell([str(word) for word in listed(container.get(key))]):
                    yield f"{called} starts {shell} ({key})"


def _shell(words: list[str]) -> str | None:
    for word in words:
        name = PurePosixPath(word.split(" ")[0]).name
        if name in _SHELLS:
            return word
        if name not in _WRAPPERS and not word.startswith("-") and "=" not in word:
            return None
    return None


check = ContainersHaveNoShell()
