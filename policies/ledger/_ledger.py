"""The ledger of one stack: which parts of it are there, and which are missing."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from stack_gate.stack import Block, Stack

from policies.data._databases import CLUSTER, COLOURS
from policies.data._parameters import PARAMETER_GROUP
from policies.ledger._access import FUNCTION, Groups
from policies.service._containers import SERVICE

DO_TABLES, IGNORE_DATABASE = "replicate-wild-do-table", "replicate-ignore-db"
FILTERS = (DO_TABLES, IGNORE_DATABASE)
VARIABLES = "environment.variables"


class Ledger:
    """Two clusters that replicate to each other. `begun`: some part of it is there; `complete`: all are."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self.groups = stack, stack.derived(Groups)
        found = stack.resources(CLUSTER)
        self.clusters = found if len(found) == COLOURS else []

    @cached_property
    def begun(self) -> bool:
        """Whether anything says that there is to be a ledger."""
        return bool(self.movers) or any(self.channels.values()) or any(map(any_filter, self.parameters))

    @cached_property
    def complete(self) -> bool:
        """Both channels, both filters on both, and a function that moves it."""
        return (
            bool(self.clusters)
            and all(self.channels.values())
            and all(not lacking_filters(cluster) for cluster in self.clusters)
            and any(self.reaches_both(mover) for mover in self.movers)
        )

    @cached_property
    def channels(self) -> Mapping[str, bool]:
        """Key of each cluster → whether it reaches the other one, from which it is to replicate."""
        return {
            cluster.key: self.groups.reaches(cluster, other)
            for cluster in self.clusters
            for other in self.clusters
            if other is not cluster
        }

    @cached_property
    def movers(self) -> list[Block]:
        """The functions that are told of both clusters."""
        return [
            function
            for function in self._stack.resources(FUNCTION)
            if self.clusters
            and len(function.refers(VARIABLES, CLUSTER)) == COLOURS
            and _is_told_hosts(function)
        ]

    @cached_property
    def services(self) -> list[Block]:
        """What writes payments."""
        return self._stack.resources(SERVICE)

    @property
    def parameters(self) -> list[Mapping[str, str]]:
        """The parameters of each cluster."""
        return [parameters_of(cluster) for cluster in self.clusters]

    def reaches_both(self, block: Block) -> bool:
        """Whether a service or function can connect to both clusters."""
        return all(self.groups.reaches(block, cluster) for cluster in self.clusters)


def any_filter(parameters: Mapping[str, str]) -> bool:
    """Whether a replication filter is set."""
    return any(parameters.get(name) for name in FILTERS)


def parameters_of(cluster: Block) -> Mapping[str, str]:
    """Parameters of a cluster: name in lower case → value as it is written."""
    return {
        str(parameter.get("name")).lower(): str(parameter.get("value"))
        for group in cluster.refers("db_cluster_parameter_group_name", PARAMETER_GROUP)
        for parameter in group.blocks("parameter")
    }


def lacking_filters(cluster: Block) -> Iterator[str] | list[str]:
    """The filters that a cluster lacks, each as it has to be."""
    parameters, database = parameters_of(cluster), cluster.get("database_name")
    wanted = {DO_TABLES: f"{database}.%", IGNORE_DATABASE: None}
    return [
        f'{name} = "{value}"' if value else name
        for name, value in wanted.items()
        if parameters.get(name) in (None, "", database) or (value and parameters[name] != value)
    ]


def _is_told_hosts(function: Block) -> bool:
    """Whether its environment has addresses of clusters, not only their identifiers."""
    values = function.get(VARIABLES) or {}
    return sum(".endpoint" in str(value) for value in dict(values).values()) >= COLOURS
