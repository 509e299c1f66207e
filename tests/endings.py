"""Every way in which an apply ends in the middle: one list for the tests, and for the runbook's chapter.

Each ending gets a command that runs (`tests/applies.py`), at a moment that the test has waited for. Those
of a real account alone (network, credentials) are in tests/bluegreen/terraform/plans/test_endings.py.
"""

import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from tests.applies import Watched, interrupt, interrupted

End = Callable[[Watched, "subprocess.Popen[str]"], None]


@dataclass(frozen=True)
class Ending:
    """`name`: as the runbook calls it; `codes`: what the command may end with; None where it can't say."""

    name: str
    end: End
    code: int | None

    def __str__(self) -> str:
        return self.name


def _once(_: Watched, child: "subprocess.Popen[str]") -> None:
    interrupt(child)


def _twice(apply: Watched, child: "subprocess.Popen[str]") -> None:
    """The second one while Terraform saves its state."""
    interrupt(child)
    apply.wait_for(interrupted, child)
    interrupt(child)


def _terminate(_: Watched, child: "subprocess.Popen[str]") -> None:
    child.terminate()


def _kill_command(_: Watched, child: "subprocess.Popen[str]") -> None:
    child.kill()


def _kill_terraform(apply: Watched, _: "subprocess.Popen[str]") -> None:
    os.kill(apply.terraform, signal.SIGKILL)


def _kill_while_saving(apply: Watched, child: "subprocess.Popen[str]") -> None:
    interrupt(child)
    apply.wait_for(interrupted, child)
    os.kill(apply.terraform, signal.SIGKILL)


def _kill_providers(apply: Watched, _: "subprocess.Popen[str]") -> None:
    providers = apply.providers()
    assert providers
    for pid in providers:
        os.kill(pid, signal.SIGKILL)


ENDINGS = (
    Ending("one interrupt (Ctrl-C)", _once, 4),
    Ending("two interrupts", _twice, 4),
    Ending("SIGTERM", _terminate, 4),
    Ending("SIGKILL of the command", _kill_command, None),
    Ending("SIGKILL of Terraform", _kill_terraform, 4),
    Ending("SIGKILL of Terraform while it saves its state", _kill_while_saving, 4),
    Ending("SIGKILL of the provider", _kill_providers, 4),
)
DISK_FULL = "disk full"
AWS_GONE = "embedded AWS gone"
NETWORK_GONE = "network gone"
EXPIRED = "expired credentials"
OTHERS = (DISK_FULL, AWS_GONE, NETWORK_GONE, EXPIRED)
