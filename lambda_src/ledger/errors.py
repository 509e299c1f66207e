"""Errors of the ledger. `str` is for an operator: what failed, cause, state, fix.

The driver's errors of statements quote them, passwords included: their text never becomes part of an error
here, only their number and name. The one exception is the fence's own message, which is ours.
"""

from __future__ import annotations

import json


class LedgerError(Exception):
    """Base of what the ledger raises on purpose. `number`: the database's error, where there was one."""

    def __init__(
        self, what: str, *, cause: str = "", state: str = "", fix: str = "", number: int | None = None
    ) -> None:
        self.what, self.cause, self.state, self.fix, self.number = what, cause, state, fix, number
        lines = {"cause": cause, "state": state, "fix": fix}
        super().__init__("\n".join((what, *(f"  {name}: {text}" for name, text in lines.items() if text))))

    def to_json(self) -> dict[str, object]:
        """As a function's answer has it."""
        return {"what": self.what, "cause": self.cause, "state": self.state, "fix": self.fix}

    def as_message(self) -> LedgerError:
        """Itself, its text as Lambda's `errorMessage` carries it: JSON, as that of a FunctionError."""
        self.args = (json.dumps(self.to_json()),)
        return self


class DatabaseUnreachableError(LedgerError):
    """No connection to a database, or it broke: the statement's outcome is unknown."""


class StatementError(LedgerError):
    """A database refused a statement."""


class NotReadyError(LedgerError):
    """A database lacks what replication or the fence needs; nothing was changed on it."""


class MoveRefusedError(LedgerError):
    """The ledger was not moved: its writer is the one that it was."""


class SchemaDiffersError(LedgerError):
    """The two databases' schemas differ in what replication, or the code of a colour, does not bear."""


class MoveIncompleteError(LedgerError):
    """A move is past its point of no return, or not verified: run it again."""


class MigrationRefusedError(LedgerError):
    """A change of the ledger's schema was refused; the message names the rule."""


class MigrationIncompleteError(LedgerError):
    """A change of the ledger's schema has begun and not ended: run it again."""


class NotSetUpError(LedgerError):
    """There is no ledger on a database yet."""
