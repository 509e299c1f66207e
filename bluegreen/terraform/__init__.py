"""The real Terraform, run in a synthesized stack directory.

Every call is a child process without a shell (`runner.py`), under a supervisor that interrupts it once and
leaves no process behind (`process.py`, `supervisor.py`). What it does, and what went wrong, is read from
its machine-readable UI (`stream.py`). Where its providers come from: `mirror.py`.
"""

from bluegreen.terraform.errors import (
    Begun,
    TerraformError,
    TerraformFailedError,
    TerraformInterruptedError,
    TerraformMissingError,
)
from bluegreen.terraform.process import OnInterrupt
from bluegreen.terraform.runner import Terraform
from bluegreen.terraform.state import Instance, State
from bluegreen.terraform.stream import Applied, Change, OnProgress, Plan, Progress

__all__ = [
    "Applied",
    "Begun",
    "Change",
    "Instance",
    "OnInterrupt",
    "OnProgress",
    "Plan",
    "Progress",
    "State",
    "Terraform",
    "TerraformError",
    "TerraformFailedError",
    "TerraformInterruptedError",
    "TerraformMissingError",
]
