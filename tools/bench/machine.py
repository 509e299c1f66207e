"""The machine that was measured on, by its class: nothing that tells which one it is."""

import os
import platform
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """What the figures depend on."""

    cores: int
    system: str
    """Kernel and architecture, such as `Linux x86_64`."""
    python: str
    node: str


def this() -> Machine:
    """The machine that this runs on. Raises CalledProcessError or OSError where Node can't be started."""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S607 - jsii, too, takes the one on PATH
    return Machine(
        os.cpu_count() or 1,
        f"{platform.system()} {platform.machine()}",
        platform.python_version(),
        node.strip().removeprefix("v"),
    )
