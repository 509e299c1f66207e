"""What goes from one box to another: by what the resources behind them refer to and may do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from stack_gate.stack import ROUTING, Block, Traffic

from bluegreen.diagram.model import Edge, Flow, Kind, Node
from bluegreen.diagram.parts.access import DATABASES, GROUP, admitted, groups_of
from bluegreen.diagram.parts.roles import application_roles, moves_traffic, policies
from bluegreen.diagram.scene import Scene


def edges(scene: Scene, nodes: Sequence[Node]) -> list[Edge]:
    """All of them, each once."""
    web = _Web(scene, nodes)
    found = [*web.requests(), *web.queries(), *web.rotations(), *web.grants(), *web.control()]
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class _Web:
    scene: Scene
    nodes: Sequence[Node]

    @cached_property
    def _boxes(self) -> dict[str, Node]:
        return {address: node for node in self.nodes for address in node.resources}

    @cached_property
    def _nodes(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    def _of(self, *kinds: Kind) -> list[Node]:
        return [node for node in self.nodes if node.kind in kinds]

    def _resources(self, node: Node, *types: str) -> list[Block]:
        found = (self.scene.stack.at(address) for address in node.resources)
        return [resource for resource in found if resource and (not types or resource.type in types)]

    def _to(self, source: str, targets: Sequence[Block], flow: Flow, *kinds: Kind) -> Iterator[Edge]:
        """From a box to those that stand for `targets`, of these kinds."""
        for target in targets:
            box = self._boxes.get(target.address)
            if box is not None and box.kind in kinds and box.id != source:
                yield Edge(source=source, target=box.id, flow=flow)

    def requests(self) -> Iterator[Edge]:
        """From the clients to the services, with the weights as created."""
        walls, balancers = self._of(Kind.FIREWALL), self._of(Kind.BALANCER)
        protocol = next((node.title.partition(" ")[0] for node in self._of(Kind.LISTENER)), "")
        for before, behind in zip([*self._of(Kind.CLIENTS), *walls], [*walls, *balancers[:1]], strict=False):
            yield Edge(source=before.id, target=behind.id, flow=Flow.TRAFFIC, label=protocol)
        colours = {group.address: colour for colour, group in self.scene.colours.groups.items()}
        for listener in self._of(Kind.LISTENER):
            for owner in self._resources(listener, *ROUTING):
                for address, weight in self.scene.stack.derived(Traffic).weights(owner).items():
                    target_colour = colours.get(address)
                    yield Edge(
                        source=listener.id,
                        target=f"service:{target_colour}",
                        flow=Flow.TRAFFIC if weight else Flow.IDLE,
                        label=f"{listener.title.rpartition(' ')[2]}: weight {weight}",
                    )

    def queries(self) -> Iterator[Edge]:
        """To the databases, from what their security groups let in."""
        for cluster in self._of(Kind.CLUSTER):
            for database in self._resources(cluster, *DATABASES):
                for visitor in admitted(self.scene, database):
                    source = self._visitor(visitor)
                    if source is not None and source != cluster.id:
                        label = "replicates" if self._nodes[source].kind is Kind.CLUSTER else ""
                        yield Edge(source=source, target=cluster.id, flow=Flow.DATA, label=label)

    def _visitor(self, group: Block) -> str | None:
        """The box that is in a security group: functions, a database, else the service of its colour."""
        for function in self._of(Kind.FUNCTION):
            for resource in self._resources(function, "aws_lambda_function"):
                if group in self.scene.stack.referred(resource.blocks("vpc_config"), GROUP):
                    return function.id
        for cluster in self._of(Kind.CLUSTER):
            if any(group in groups_of(self.scene, base) for base in self._resources(cluster, *DATABASES)):
                return cluster.id
        colour = self.scene.colours.of(group)
        return f"service:{colour}" if colour else None

    def rotations(self) -> Iterator[Edge]:
        """From rotation functions to the credentials."""
        for secret in self._of(Kind.SECRET):
            for rotation in self._resources(secret, "aws_secretsmanager_secret_rotation"):
                for function in self.scene.stack.referred(rotation.body, "aws_lambda_function"):
                    box = self._boxes[function.address]
                    yield Edge(source=box.id, target=secret.id, flow=Flow.CONTROL, label="rotates")

    def grants(self) -> Iterator[Edge]:
        """From the services to what their roles may use, or what lets their roles use it."""
        stack = self.scene.stack
        for colour in self.scene.colours.groups:
            for role in application_roles(self.scene, colour):
                admitting = stack.referrers(role, "aws_secretsmanager_secret_policy")
                used = stack.referred([policies(self.scene, role), *(policy.body for policy in admitting)])
                yield from self._to(f"service:{colour}", used, Flow.DATA, Kind.SECRET, Kind.TABLE)

    def control(self) -> Iterator[Edge]:
        """From the switch to listeners and records; from the workflow to what it calls; alarms to topics."""
        kinds = (Kind.LISTENER, Kind.RECORDS, Kind.TABLE)
        listeners = {node.id for node in self._of(Kind.LISTENER)}
        for node in self._of(Kind.FUNCTION):
            (function, *more) = self._resources(node, "aws_lambda_function")
            if not more and moves_traffic(self.scene, function):
                for edge in self._to(node.id, self._reach(function), Flow.CONTROL, *kinds):
                    yield replace(edge, label="sets weights" if edge.target in listeners else "")
        for node in self._of(Kind.WORKFLOW):
            called = self.scene.stack.referred(
                self._resources(node)[0].body.get("definition")
            )  # or by aliases
            yield from self._to(node.id, called, Flow.CONTROL, Kind.FUNCTION, Kind.TABLE, Kind.TOPIC)
        for node in self._of(Kind.ALARMS, Kind.BACKUP):
            told = self.scene.stack.referred([r.body for r in self._resources(node)], "aws_sns_topic")
            yield from self._to(node.id, told, Flow.CONTROL, Kind.TOPIC)

    def _reach(self, function: Block) -> list[Block]:
        """What a function is told about, and what its role names."""
        roles = self.scene.stack.referred(function.get("role"), "aws_iam_role")
        granted = [text for role in roles for text in policies(self.scene, role)]
        return self.scene.stack.referred([function.blocks("environment"), granted])
