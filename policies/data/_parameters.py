"""What is asked of the parameters of clusters."""

from collections.abc import Iterator, Mapping

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER

PARAMETER_GROUP = "aws_rds_cluster_parameter_group"
_ON = ("1", "ON", "TRUE")


class ParameterPolicy(ResourcePolicy):
    """The defect is in the parameter group, or with a cluster that has none."""

    severity = "HIGH"
    types = (CLUSTER, PARAMETER_GROUP)

    def wrong(self, parameters: Mapping[str, str]) -> Iterator[str]:
        """What is wrong with the parameters: name in lower case → value in upper case."""
        raise NotImplementedError

    def defects(self, resource: Block) -> Iterator[str]:
        argument = "db_cluster_parameter_group_name"
        if resource.type == CLUSTER:
            if not resource.refers(argument, PARAMETER_GROUP):
                yield f"names no parameter group of this stack in {argument}"
        elif any(resource.stack.users(resource, argument, CLUSTER)):
            yield from self.wrong(
                {
                    str(p.get("name")).lower(): str(p.get("value")).upper()
                    for p in resource.blocks("parameter")
                }
            )


def is_on(parameters: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on."""
    return parameters.get(name) in _ON
