"""What is drawn, apart from how: boxes, what is in which, and what goes from one to another."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum


class Place(StrEnum):
    """Where in the platform a box is: one of the network's tiers, before it, or beside it."""

    OUTSIDE = "before the network"
    PUBLIC = "public subnets"
    APPLICATION = "application subnets"
    DATABASE = "database subnets"
    DATA = "shared by both colours"
    CONTROL = "traffic control"
    PROTECTION = "protection"
    WATCH = "monitoring"


class Kind(StrEnum):
    """What a box stands for."""

    CLIENTS = "clients"
    FIREWALL = "firewall"
    GATEWAY = "internet gateway"
    BALANCER = "load balancer"
    LISTENER = "listener"
    NAT = "NAT gateway"
    SERVICE = "service"
    TARGETS = "target group"
    TASKS = "ECS service"
    ROLE = "role"
    FUNCTION = "function"
    ENDPOINTS = "endpoints"
    CLUSTER = "database cluster"
    INSTANCE = "database instance"
    SECRET = "credentials"  # noqa: S105 - no secret
    TABLE = "table"
    RECORDS = "records"
    WORKFLOW = "state machine"
    KEY = "key"
    BACKUP = "backup"
    ALARMS = "alarms"
    TOPIC = "topic"
    DASHBOARD = "dashboard"
    LOGS = "logs"
    BUCKET = "bucket"
    IMAGES = "image repository"


class Lock(Enum):
    """How what a box keeps is encrypted at rest."""

    CUSTOMER = "encrypted with the account's own KMS key"
    AWS = "encrypted with a key of AWS"
    NONE = "not encrypted"


class Flow(StrEnum):
    """What goes along an edge."""

    TRAFFIC = "requests"
    IDLE = "no requests, as created"
    DATA = "data"
    CONTROL = "control"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One box. `colour`: None where it is shared; `parent`: id of the box that it is in; `zone`: of a box
    that is in a single one; `resources`: addresses of all that it stands for.
    """

    id: str
    kind: Kind
    place: Place
    title: str
    details: tuple[str, ...] = ()
    colour: str | None = None
    parent: str | None = None
    zone: str | None = None
    lock: Lock | None = None  # None: keeps nothing
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Edge:
    """From one box to another, by id."""

    source: str
    target: str
    flow: Flow
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Topology:
    """A deployment. `colours`: the colours; `zones`: availability zones; `further`: type → how many resources
    of it no box stands for; `total`: how many resources there are.
    """

    name: str
    region: str
    network: str
    colours: tuple[str, ...]
    zones: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    further: Mapping[str, int]
    total: int
    resources: tuple[str, ...] = ()  # what the frames themselves stand for: the network and its subnets

    def node(self, id_: str) -> Node:
        """The box with this id."""
        return next(node for node in self.nodes if node.id == id_)

    def children(self, parent: Node | None, *kinds: Kind) -> list[Node]:
        """The boxes directly in `parent`; of these kinds, or of any."""
        inside = parent.id if parent else None
        return [node for node in self.nodes if node.parent == inside and (not kinds or node.kind in kinds)]
