"""Each of the two databases can replicate from the other."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.ledger._access import port
from policies.ledger._ledger import Ledger


class LedgerReplicatesBothWays(StackPolicy):
    policy = "CKV2_BG_300"
    title = "With a ledger, each database reaches the other one to replicate from it"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "The ledger moves only as long as the way back replicates: without it, a rollback loses payments"
    fix = "allow the cluster's security group to connect to the other cluster's port, at both ends"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        ledger = stack.derived(Ledger)
        if not ledger.begun:
            return
        for cluster in ledger.clusters:
            if not ledger.channels[cluster.key]:
                (other,) = (block for block in ledger.clusters if block is not cluster)
                yield cluster, f"can't connect to {other.address} at port {port(other)} to replicate from it"


check = LedgerReplicatesBothWays()
