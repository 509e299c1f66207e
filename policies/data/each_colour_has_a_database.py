"""Two colours, two databases."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies._shared import SharedCluster
from policies.data._databases import CLUSTER, COLOURS


class EachColourHasADatabase(StackPolicy):
    policy = "CKV2_BG_110"
    title = "There is an Aurora cluster for each colour, or one that both say they share"
    requirement = "R15"
    pci = "6.5.1"
    severity = "MEDIUM"
    why = (
        "A change of the schema or of the engine reaches both colours at once, and there is no colour to "
        "go back to"
    )
    fix = (
        'add an aws_rds_cluster with engine = "aurora-mysql" for blue, and one for green, or name the one '
        "cluster in the outputs blue_cluster_endpoint and green_cluster_endpoint"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        if (there := len(stack.resources(CLUSTER))) < COLOURS and not stack.derived(SharedCluster).exists():
            yield None, f"has {there or 'no'} database clusters for {COLOURS} colours"


check = EachColourHasADatabase()
