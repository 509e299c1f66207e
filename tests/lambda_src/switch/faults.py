"""What can happen to an AWS call, and what a call is. wire.py makes it happen."""

from dataclasses import dataclass
from enum import Enum

WRITES = frozenset(
    {
        "ModifyListener",
        "PutParameter",
        "UpdateItem",
        "TransactWriteItems",
        "Publish",
        "StartExecution",
        "RegisterTaskDefinition",
        "UpdateService",
    }
)


# All other reads are a gate's: one that failed for a moment is another call of the same kind.
READ_ONCE = frozenset(
    {
        *("DescribeListeners", "DescribeRules", "DescribeTargetGroupAttributes", "GetParameters"),
        *("GetItem", "Query", "DescribeServices", "DescribeTaskDefinition", "DescribeTasks"),
        *("ListTasks", "DescribeImages"),
    }
)


class Killed(BaseException):
    """Not an Exception: nothing in the function may survive it."""


class Fault(Enum):
    """`once`: the first attempt only, botocore's next one gets through."""

    THROTTLED_ONCE = "throttled once"
    THROTTLED = "throttled for ever"
    ERROR = "500 for ever"
    UNSENT_ONCE = "timeout before, once"
    UNSENT = "timeout before, for ever"
    UNHEARD_ONCE = "timeout after the effect, once"
    UNHEARD = "timeout after the effect, for ever"
    CUT_OFF = "from here on nothing reaches AWS"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"
    # Of writes to the table: another one of the same item at the same moment, or too many of all.
    MET_ONCE = "meets another write, once"
    MET = "meets another write, for ever"
    CROWDED_ONCE = "throttled inside the transaction, once"
    CROWDED = "throttled inside the transaction, for ever"

    @property
    def kills(self) -> bool:
        return self in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)

    @property
    def once(self) -> bool:
        return self.name.endswith("_ONCE")


OF_THE_TABLE = (Fault.MET_ONCE, Fault.MET)
_OF_TRANSACTIONS = (Fault.CROWDED_ONCE, Fault.CROWDED)


@dataclass(frozen=True)
class Call:
    service: str
    operation: str
    resource: str
    occurrence: int

    @property
    def writes(self) -> bool:
        return self.operation in WRITES

    @property
    def faults(self) -> list[Fault]:
        """All that can happen to it."""
        special = (*OF_THE_TABLE, *_OF_TRANSACTIONS)
        if self.operation == "TransactWriteItems":
            return list(Fault)
        left_out = _OF_TRANSACTIONS if self.operation == "UpdateItem" else special
        return [fault for fault in Fault if fault not in left_out]

    def __str__(self) -> str:
        number = f" ({self.occurrence + 1})" if self.occurrence else ""
        return f"{self.operation} {self.resource}{number}"
