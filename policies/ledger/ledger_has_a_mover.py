"""Something can move the ledger."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.ledger._ledger import Ledger


class LedgerHasAMover(StackPolicy):
    policy = "CKV2_BG_305"
    title = "With a ledger, a function moves it, and reaches both databases"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = "The ledger stays where it is: that database can't be retired, and its failure has no way out"
    fix = "add a function that is told both clusters' endpoints, and let it connect to both at both ends"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        ledger = stack.derived(Ledger)
        if not ledger.begun or any(ledger.reaches_both(mover) for mover in ledger.movers):
            return
        if not ledger.movers:
            yield None, "has no function that moves the ledger"
        for mover in ledger.movers:
            yield mover, "can't connect to both databases"


check = LedgerHasAMover()
