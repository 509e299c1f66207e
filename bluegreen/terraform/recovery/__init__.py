"""What the resources need that an apply has left half-made, on a real account: the operator decides, in
commands.

`conditions.py`: whether AWS has what Terraform would replace but must not; `imports.py`: the ID by which
Terraform imports what exists without being in the state; `needs.py`: both, as commands.
"""

from bluegreen.terraform.recovery.conditions import Condition, condition_of
from bluegreen.terraform.recovery.imports import import_id
from bluegreen.terraform.recovery.needs import Need, needs_of_missing, needs_of_tainted, values_of

__all__ = [
    "Condition",
    "Need",
    "condition_of",
    "import_id",
    "needs_of_missing",
    "needs_of_tainted",
    "values_of",
]
