"""What is drawn of a stack: from meaning, complete, and as the JSON says it."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from bluegreen.diagram.errors import DiagramError
from bluegreen.diagram.model import Flow, Kind, Lock, Node, Place, Topology
from bluegreen.diagram.topology import read
from packages.gate.tests.foreign import flat, hcl, typescript
from tests.bluegreen.diagram import additions
from tests.bluegreen.diagram.conftest import Document, Draw
from tests.workspaces import DEPLOYMENTS, stack_of

COLOURS = ("blue", "green")


def only(topology: Topology, kind: Kind, colour: str | None = None, title: str = "") -> Node:
    (found,) = [
        node
        for node in topology.nodes
        if node.kind is kind and node.colour == colour and title in {node.title, ""}
    ]
    return found


def connected(topology: Topology) -> set[tuple[str, str]]:
    """Edges by the titles of what they connect."""
    return {(topology.node(e.source).title, topology.node(e.target).title) for e in topology.edges}


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
def test_every_resource_is_in_one_box_or_counted(
    deployment: str, topologies: Mapping[str, Topology], workspace: Path
) -> None:
    assert_complete(topologies[deployment], stack_of(workspace, deployment))


def assert_complete(topology: Topology, document: Document) -> None:
    resources = {f"{type_}.{name}": type_ for type_, all_ in document["resource"].items() for name in all_}
    placed = [*topology.resources, *(address for node in topology.nodes for address in node.resources)]

    assert [address for address, times in Counter(placed).items() if times > 1] == []
    left = Counter(type_ for address, type_ in resources.items() if address not in set(placed))
    assert dict(topology.further) == dict(left)
    assert topology.total == len(resources) == len(placed) + sum(left.values())


def test_a_type_that_nobody_thought_of_is_counted(document: Document, topology_of: Draw) -> None:
    additions.add(document, "aws_quantum_ledger", "one")
    additions.add(document, "aws_quantum_ledger", "two")

    assert topology_of(document).further["aws_quantum_ledger"] == 2


def test_colours_are_alike_and_each_has_its_own(local: Topology) -> None:
    for kind in (Kind.SERVICE, Kind.TARGETS, Kind.TASKS, Kind.FUNCTION, Kind.CLUSTER, Kind.SECRET):
        for colour in COLOURS:
            node = only(local, kind, colour)
            assert all(colour in address for address in node.resources), node
    assert [only(local, Kind.CLUSTER, colour).place for colour in COLOURS] == [Place.DATABASE] * 2
    assert [only(local, Kind.FUNCTION, colour).place for colour in COLOURS] == [Place.APPLICATION] * 2


def test_instances_are_in_their_zones(topologies: Mapping[str, Topology]) -> None:
    for name, zones in (("local", 2), ("production", 3)):
        topology = topologies[name]
        cluster = only(topology, Kind.CLUSTER, "blue")
        instances = topology.children(cluster, Kind.INSTANCE)
        assert [node.zone for node in instances] == [f"us-east-1{letter}" for letter in "abc"[:zones]]
        assert [node.title for node in instances] == ["Writer", "Reader", "Reader"][:zones]
        assert topology.zones == ("us-east-1a", "us-east-1b", "us-east-1c")


def test_listeners_say_where_traffic_goes_as_created(local: Topology) -> None:
    listeners = {node.title: node.details for node in local.nodes if node.kind is Kind.LISTENER}

    assert listeners["HTTPS 443"] == ("blue 100, green 0", "TLS 1.3 and 1.2")
    assert listeners["HTTPS 8443"][0] == "blue 0, green 100"
    assert listeners["HTTP 80"] == ("redirects to HTTPS 443",)
    requests = {
        (local.node(edge.source).title, edge.target): (edge.flow, edge.label)
        for edge in local.edges
        if local.node(edge.source).kind is Kind.LISTENER
    }
    assert requests["HTTPS 443", "service:blue"] == (Flow.TRAFFIC, "443: weight 100")
    assert requests["HTTPS 443", "service:green"] == (Flow.IDLE, "443: weight 0")


def test_edges_follow_from_references_and_permissions(local: Topology) -> None:
    assert connected(local) >= {
        ("Clients on the internet", "Web application firewall"),
        ("Web application firewall", "Application load balancer"),
        ("Blue service", "Aurora MySQL 3.10.3"),
        ("Blue service", "DynamoDB table sessions"),
        ("Green service", "DynamoDB table sessions"),
        ("Blue service", "Credentials"),
        ("Rotation function", "Credentials"),
        ("Rotation function", "Aurora MySQL 3.10.3"),
        ("Switch function", "HTTPS 443"),
        ("Switch function", "HTTPS 8443"),
        ("Switch function", "SSM parameters"),
        ("Switch function", "DynamoDB table control"),
        ("State machine shift", "Switch function"),
        (only(local, Kind.ALARMS).title, "Topic notifications"),
    }
    assert ("Clients on the internet", "Application load balancer") not in connected(local)
    reading = only(local, Kind.FUNCTION, None, "Function switch-read")
    assert not any(edge.source == reading.id for edge in local.edges)  # it sets no weights
    ledger = only(local, Kind.FUNCTION, None, "4 functions")
    assert ledger.details[0] == "ledger-migrate, ledger, ledger-setup, ledger-health"
    reached = {local.node(edge.target) for edge in local.edges if edge.source == ledger.id}
    assert {(node.kind, node.colour) for node in reached} == {
        (kind, colour) for kind in (Kind.CLUSTER, Kind.SECRET) for colour in COLOURS
    }


def test_only_the_ledger_leads_from_one_colour_to_the_other(local: Topology) -> None:
    """A payment is written where the ledger is; the databases replicate it: docs/ledger.md."""
    nodes = [(local.node(edge.source), local.node(edge.target), edge.label) for edge in local.edges]
    crossing = [(s.kind, t.kind, label) for s, t, label in nodes if {s.colour, t.colour} == set(COLOURS)]
    assert Counter(crossing) == {
        (Kind.SERVICE, Kind.CLUSTER, ""): 2,
        (Kind.SERVICE, Kind.SECRET, ""): 2,
        (Kind.CLUSTER, Kind.CLUSTER, "replicates"): 2,
    }


def test_locks_say_with_whose_key(local: Topology, document: Document, topology_of: Draw) -> None:
    assert only(local, Kind.CLUSTER, "blue").lock is Lock.CUSTOMER
    assert only(local, Kind.BUCKET).lock is Lock.AWS  # load balancers can't write to others
    assert only(local, Kind.RECORDS).lock is Lock.NONE
    assert only(local, Kind.KEY).lock is None

    for table in document["resource"]["aws_dynamodb_table"].values():
        del table["server_side_encryption"]
    for cluster in document["resource"]["aws_rds_cluster"].values():
        cluster["storage_encrypted"] = False
        del cluster["kms_key_id"]
    groups = document["resource"]["aws_cloudwatch_log_group"]
    del next(iter(groups.values()))["kms_key_id"]
    changed = topology_of(document)
    assert {node.lock for node in changed.nodes if node.kind is Kind.TABLE} == {Lock.AWS}
    assert only(changed, Kind.CLUSTER, "blue").lock is Lock.NONE
    assert [n.lock for n in changed.nodes if n.title == f"{len(groups)} log groups"] == [
        Lock.AWS
    ]  # one is enough
    assert "not encrypted: 5 parameters, 2 databases" in only(changed, Kind.KEY).details


def test_it_changes_with_the_stack(document: Document, topology_of: Draw) -> None:
    before = topology_of(document)
    listener = next(
        listener for listener in document["resource"]["aws_lb_listener"].values() if listener["port"] == 443
    )
    groups = listener["default_action"][0]["forward"]["target_group"]
    groups[0]["weight"], groups[1]["weight"] = 25, 75
    document["resource"]["aws_nat_gateway"].popitem()

    after = topology_of(document)

    assert {n.details[0] for n in after.nodes if n.title == "HTTPS 443"} == {"blue 25, green 75"}
    assert len([n for n in after.nodes if n.kind is Kind.NAT]) == 2
    assert after.total == before.total - 1


def test_what_runs_on_fargate_says_how_much_of_it(local: Topology) -> None:
    for colour in COLOURS:
        tasks = only(local, Kind.TASKS, colour)
        assert tasks.parent == f"service:{colour}"
        assert tasks.title == "ECS service on Fargate"
        assert tasks.details == ("1 to 3 tasks", "0.25 vCPU, 0.5 GB each", "in a cluster of its own")
        types = {address.partition(".")[0] for address in tasks.resources}
        assert types >= {"aws_ecs_service", "aws_ecs_task_definition", "aws_ecs_cluster"}
        assert {"aws_appautoscaling_target", "aws_appautoscaling_policy"} <= types


def test_what_others_add_finds_its_place(document: Document, topology_of: Draw) -> None:
    before = topology_of(document)
    topology = topology_of(additions.everything(document))

    assert_complete(topology, document)
    assert len([node for node in topology.nodes if node.kind is Kind.FIREWALL]) == 2
    assert only(topology, Kind.TASKS).title == "ECS cluster"
    assert only(topology, Kind.TABLE, "green").title == "DynamoDB table green-reports"
    assert connected(topology) >= {
        ("State machine reports", "Function reports"),
        ("State machine reports", "DynamoDB table green-reports"),
        ("State machine reports", "Topic notifications"),
    }
    assert dict(Counter(topology.further) - Counter(before.further)) == {"aws_quantum_ledger": 1}


@pytest.mark.parametrize("foreign", [flat, hcl, typescript], ids=lambda module: str(module.NAME))
def test_stacks_of_others_are_drawn_too(foreign: ModuleType, tmp_path: Path) -> None:
    directory = tmp_path / foreign.NAME
    directory.mkdir()
    for name, text in foreign.documents().items():
        (directory / name).write_text(text, encoding="utf-8")

    topology = read(directory)

    assert topology.name == foreign.NAME
    assert [node.colour for node in topology.nodes if node.kind is Kind.TARGETS] == list(COLOURS)
    assert len([node for node in topology.nodes if node.kind is Kind.BALANCER]) == 1
    placed = len(topology.resources) + sum(len(node.resources) for node in topology.nodes)
    assert placed + sum(topology.further.values()) == topology.total


def test_a_stack_without_colours_is_refused(document: Document, topology_of: Draw) -> None:
    document["resource"].pop("aws_lb_listener")
    with pytest.raises(DiagramError, match="divides traffic between 0 target groups"):
        topology_of(document)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "has no stack in it"),
        ({"cdk.tf.json": "{"}, "is not JSON"),
        ({"a/cdk.tf.json": "{}", "b/cdk.tf.json": "{}"}, "has several stacks in it: a, b"),
        ({"cdk.tf.json": json.dumps({"resource": {"aws_vpc": {"a": 5}}})}, "is not a block"),
    ],
)
def test_what_is_no_stack_is_refused(files: Mapping[str, str], said: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(DiagramError, match=said):
        read(tmp_path)
