"""The plan stage of the gate: what Terraform is about to do, judged before it does it.

`scan_plan` evaluates the policies on a plan, where modules, loops and variables are resolved; `guard` refuses
a plan that would hurt the active colour, destroy data, or move traffic.
"""

from stack_gate.plan.guard import Live, guard
from stack_gate.plan.stage import scan_plan

__all__ = ["Live", "guard", "scan_plan"]
