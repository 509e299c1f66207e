"""A colour reaches the other's database and application secret for the ledger alone, and no more of it."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.data._databases import CLUSTER
from policies.ledger._access import FUNCTION, Groups, Rule, colour, port
from policies.ledger._ledger import Ledger
from policies.ledger._reading import Readings
from policies.service._containers import SERVICE


class ColoursAreIsolated(StackPolicy):
    policy = "CKV2_BG_306"
    title = "Neither colour reaches the other's database or secrets, except as a complete ledger needs"
    requirement = None
    pci = "7.2.1"
    severity = "CRITICAL"
    why = "A defect of the new version, or a hole in it, then changes or reads what the old one works with"
    fix = (
        "remove the rule or the permission; with a complete ledger, leave each service the other cluster's "
        "port and the other colour's application secret alone"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        ledger = stack.derived(Ledger)
        for rule in stack.derived(Groups).rules:
            for text in _crossing(rule, ledger):
                yield rule.owner, text
        readings = stack.derived(Readings)
        for reading in readings.all():
            owner = readings.own.get(reading.secret.key)
            if owner == reading.colour or (owner and ledger.complete):
                continue
            yield reading.where, f"lets the {reading.colour} service read {_called(reading.secret, owner)}"


def _crossing(rule: Rule, ledger: Ledger) -> Iterator[str]:
    """What a rule opens from a service, or a function of a colour, to the other colour's database."""
    groups = ledger.groups
    for peer in rule.peers:
        source, target = (peer, rule.group) if rule.inwards else (rule.group, peer)
        for cluster in (block for block in groups.members(target) if block.type == CLUSTER):
            for member in groups.members(source):
                own, other = colour(member), colour(cluster)
                if member.type == CLUSTER or None in (own, other) or own == other:
                    continue
                needed = ledger.complete and member.type == SERVICE
                if not needed or not _is_alone(rule, cluster):
                    kind = "function" if member.type == FUNCTION else "service"
                    yield f"lets a {kind} of {own} connect to {other}'s database"


def _is_alone(rule: Rule, cluster: Block) -> bool:
    """Whether it opens the cluster's port and no other."""
    ports = {str(rule.body.get(key)) for key in ("from_port", "to_port")}
    return ports == {str(port(cluster))}


def _called(secret: Block, owner: str | None) -> str:
    if secret.type == CLUSTER:
        return f"the administrator's secret of {secret.address}"
    return (
        f"{secret.address}, {owner}'s application secret" if owner else f"{secret.address}, no application's"
    )


check = ColoursAreIsolated()
