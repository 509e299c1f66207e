"""What one check says about one block."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from stack_gate.blocks import Block


class Outcome(Enum):
    """Checkov has one more, UNKNOWN, which it then drops; here it is one of the last two."""

    PASSED = auto()
    FAILED = auto()
    NOT_APPLICABLE = auto()  # the check says that the block is none of its business
    NOT_EVALUATED = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`block` is None for the whole stack; `message` says what the check found, or why it could not; `keys`:
    the arguments that a Python check looked at.
    """

    check: Any  # Checkov's BaseCheck or BaseGraphCheck
    block: Block | None
    outcome: Outcome
    message: str = ""
    keys: tuple[str, ...] = ()
