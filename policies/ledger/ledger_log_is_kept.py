"""The binary log is there for as long as replication may have stopped."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, number

from policies._policy import StackPolicy
from policies.ledger._ledger import VARIABLES, Ledger

MINIMUM_HOURS = 24
_RETENTION = re.compile(r"BINLOG_RETENTION_HOURS", re.IGNORECASE)


class LedgerLogIsKept(StackPolicy):
    policy = "CKV2_BG_303"
    title = "With a ledger, a function sets how long the binary log is kept, a day or more"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = (
        "Aurora removes the binary log early where nothing is set; replication that stopped for an evening "
        "then can't continue, and a database has to be copied anew"
    )
    fix = f"set BINLOG_RETENTION_HOURS of the ledger's setup function to {MINIMUM_HOURS} or more"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        ledger = stack.derived(Ledger)
        if not ledger.begun:
            return
        told = [
            (function, number(value))
            for function in ledger.movers
            for name, value in dict(function.get(VARIABLES) or {}).items()
            if _RETENTION.fullmatch(name)
        ]
        if not told:
            yield None, "has no function that sets the retention of the binary log"
        for function, hours in told:
            if hours is None or hours < MINIMUM_HOURS:
                yield function, f"keeps the binary log for less than {MINIMUM_HOURS} hours"


check = LedgerLogIsKept()
