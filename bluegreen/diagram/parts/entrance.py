"""The way in: clients, firewall, load balancer with its listeners; and the way out."""

from collections.abc import Iterator
from typing import Any

from stack_gate.stack import ROUTING, Block, Traffic, objects

from bluegreen.diagram.model import Kind, Node, Place
from bluegreen.diagram.scene import Scene
from bluegreen.diagram.words import count

BALANCERS = ("aws_lb", "aws_alb")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")
RULES = ("aws_lb_listener_rule", "aws_alb_listener_rule")


def entrance(scene: Scene) -> Iterator[Node]:
    """From the clients to the listeners."""
    yield Node(id="clients", kind=Kind.CLIENTS, place=Place.OUTSIDE, title="Clients on the internet")
    for acl in scene.stack.resources("aws_wafv2_web_acl"):
        yield _firewall(scene, acl)
    for gateway in scene.stack.resources("aws_internet_gateway"):
        yield scene.node(Kind.GATEWAY, Place.PUBLIC, "Internet gateway", of=[gateway])
    for balancer in scene.stack.resources(*BALANCERS):
        node = _balancer(scene, balancer)
        yield node
        listeners = scene.stack.referrers(balancer, *LISTENERS)
        for listener in sorted(listeners, key=lambda found: _order(scene, found)):
            yield _listener(scene, listener, node)


def ways_out(scene: Scene) -> Iterator[Node]:
    """NAT gateways, by zone."""
    found = []
    for gateway in scene.stack.resources("aws_nat_gateway"):
        addresses = scene.stack.referred(gateway.get("allocation_id"), "aws_eip")
        zone = next(iter(scene.zones(gateway.get("subnet_id"))), None)
        address = "fixed IP" if addresses else None
        node = scene.node(
            Kind.NAT, Place.PUBLIC, "NAT gateway", zone, address, of=[gateway, *addresses], zone=zone
        )
        found.append(node)
    yield from sorted(found, key=lambda node: (node.zone or "", node.id))


def _firewall(scene: Scene, acl: Block) -> Node:
    associations = scene.stack.referrers(acl, "aws_wafv2_web_acl_association")
    logging = scene.stack.referrers(acl, "aws_wafv2_web_acl_logging_configuration")
    rules = acl.blocks("rule")
    counting = sum(1 for rule in rules if _counts(rule))
    return scene.node(
        Kind.FIREWALL,
        Place.OUTSIDE,
        "Web application firewall",
        count(len(rules), "rule")
        + (f", {counting} only counting" if counting else "")
        + (", requests logged" if logging else ""),
        of=[acl, *associations, *logging],
    )


def _counts(rule: Any) -> bool:
    return any("count" in block for key in ("action", "override_action") for block in objects(rule.get(key)))


def _balancer(scene: Scene, balancer: Block) -> Node:
    zones = scene.zones(balancer.get("subnets"))
    logs = scene.stack.referred([block.get("bucket") for block in balancer.blocks("access_logs")])
    kind = {"network": "Network load balancer"}.get(str(balancer.get("load_balancer_type")), "")
    return scene.node(
        Kind.BALANCER,
        Place.PUBLIC,
        kind or "Application load balancer",
        ", ".join(
            part
            for part in (
                "internal" if balancer.flag("internal") else "internet-facing",
                f"in {count(len(zones), 'zone')}" if zones else "",
                "access logs kept" if logs else "",
            )
            if part
        ),
        of=[balancer],
    )


def _listener(scene: Scene, listener: Block, balancer: Node) -> Node:
    rules = scene.stack.referrers(listener, *RULES)
    protocol = listener.get("protocol") or "HTTP"
    divided = [shares(scene, rule) for rule in rules]
    return scene.node(
        Kind.LISTENER,
        Place.PUBLIC,
        f"{protocol} {listener.get('port') or ''}".strip(),
        shares(scene, listener) or None,
        _redirect(listener),
        _tls(listener),
        f"{count(len(rules), 'rule')} first: {'; '.join(filter(None, divided))}" if rules else None,
        of=[listener, *rules],
        parent=balancer,
    )


def shares(scene: Scene, owner: Block) -> str:
    """How a listener or rule divides its traffic, as it is created."""
    divided = scene.stack.derived(Traffic).weights(owner)
    colours = {group.address: colour for colour, group in scene.colours.groups.items()}
    named = [(colours.get(address, "other"), weight) for address, weight in divided.items()]
    if len(named) == 1:
        return f"all to {named[0][0]}"
    return ", ".join(f"{colour} {weight}" for colour, weight in named)


def _redirect(listener: Block) -> str | None:
    target = next(iter(listener.blocks("default_action.redirect")), None)
    if target is None:
        return None
    return f"redirects to {target.get('protocol', listener.get('protocol'))} {target.get('port', '')}".strip()


def _tls(listener: Block) -> str | None:
    policy = str(listener.get("ssl_policy") or "")
    if not policy:
        return None
    said = {"1.3": "TLS13" in policy, "1.2": "1-2" in policy}
    versions = [version for version, is_in in said.items() if is_in]
    return f"TLS {' and '.join(versions)}" if versions else policy


def _order(scene: Scene, listener: Block) -> tuple[bool, bool, int]:
    """The one with the payments first: it forwards, by weights, most of all to the first colour."""
    divided = scene.stack.derived(Traffic).weights(listener)
    first = divided.get(next(iter(scene.colours.groups.values())).address, 0)
    forwards = any(action.get("type") == "forward" for action in listener.blocks(ROUTING[listener.type]))
    return not forwards, len(divided) < 2, -first  # noqa: PLR2004 - both colours
