"""What the switch function measures itself and sends with its log, in the embedded metric format.

Every metric has the dimension Deployment, the function's name, and one of its own.
"""

from collections.abc import Sequence

from lambda_src.contract.gates import PREFLIGHT, Gate
from modules.functions.function import Function
from modules.observability.alarm import Metric

NAMESPACE = "BlueGreen/Switch"
# What `listener` refuses is shown as a difference, by status and alarm.
GATES = tuple(sorted(set(Gate) - PREFLIGHT - {Gate.LISTENER}))
# Those that move traffic or decide about it; the others only look, or set a flag.
ACTIONS = ("begin", "finalize", "rollback", "shift", "switch", "verify")


def weights(function: Function, colours: Sequence[str]) -> dict[str, Metric]:
    """Each colour's weight, from 0 to 100, whenever the function set or read it."""
    return {colour: _metric(function, "Weight", {"Colour": colour}, "Maximum", 60) for colour in colours}


def refusals(function: Function) -> dict[str, Metric]:
    """How often each gate has refused."""
    return {gate: _metric(function, "Refusals", {"Gate": gate}, "Sum", 300) for gate in GATES}


def durations(function: Function) -> dict[str, Metric]:
    """How long each action took, in milliseconds."""
    return {action: _metric(function, "DurationMs", {"Action": action}, "Maximum", 300) for action in ACTIONS}


def pauses(function: Function, colours: Sequence[str]) -> dict[str, Metric]:
    """How long no database took payments while the ledger moved to that colour's, in milliseconds."""
    return {
        colour: _metric(function, "LedgerPauseMs", {"Colour": colour}, "Maximum", 300) for colour in colours
    }


def _metric(function: Function, name: str, own: dict[str, str], statistic: str, period: int) -> Metric:
    dimensions = {"Deployment": function.function.function_name} | own
    return Metric(namespace=NAMESPACE, name=name, dimensions=dimensions, statistic=statistic, period=period)
