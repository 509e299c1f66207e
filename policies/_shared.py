"""The one database cluster of both colours, where a stack has it."""

from stack_gate.stack import COLOURS, Block, Stack

CLUSTER, INSTANCE = "aws_rds_cluster", "aws_rds_cluster_instance"


class SharedCluster:
    """Of one stack: the cluster that both colours name in their outputs as theirs, and its instances."""

    def __init__(self, stack: Stack) -> None:
        named = {
            output.name: [cluster.key for cluster in stack.referred(output.get("value"), CLUSTER)]
            for output in stack.kind("output")
        }
        blue, green = (named.get(f"{colour}_cluster_endpoint", []) for colour in COLOURS)
        clusters = blue if blue == green else []
        self._keys = set(clusters) | {
            instance.key
            for instance in (stack.resources(INSTANCE) if clusters else ())
            if any(found.key in clusters for found in instance.refers("cluster_identifier", CLUSTER))
        }

    def exists(self) -> bool:
        """Whether the colours share one."""
        return bool(self._keys)

    def has(self, block: Block) -> bool:
        """Whether it is the cluster, or one of its instances."""
        return block.key in self._keys
