"""Traffic is split by weight between two target groups."""

from collections.abc import Iterator

from stack_gate.stack import TARGET_GROUPS, Block, Forward, Stack, Traffic, lookup, number

from policies._policy import StackPolicy

WHOLE = 100
CLIENTS = (80, 443)  # a listener on another port, for tests of one colour, may well have that colour alone


class ListenerForwardsByWeight(StackPolicy):
    policy = "CKV2_BG_27"
    title = "The listener forwards by weight to both target groups"
    requirement = "R27"
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "Without two weighted target groups there is no colour to move traffic to, and none to go back to"
    fix = "give the listener's forward two target_group blocks, blue and green, with weights that sum to 100"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        weighted = stack.derived(Traffic).weighted
        if not weighted:
            yield None, "has no listener that forwards to two target groups"
        for listener in stack.derived(Traffic).forwarding:
            split = any(forward.owner is listener for forward in weighted)
            shared = _serving(weighted, stack).intersection(_groups(listener))
            if not split and (shared or number(listener.get("port")) in CLIENTS):
                yield listener, f"forwards to {_target(listener)} alone"
        for forward in weighted:
            for entry in forward.entries:
                if stack.one(entry.get("arn"), *TARGET_GROUPS) is None:
                    yield (
                        forward.owner,
                        f"forwards to {entry.get('arn')}, which is no target group of the stack",
                    )
            arns = [str(entry.get("arn")) for entry in forward.entries]
            if len(set(arns)) < len(arns):
                yield forward.owner, f"forwards to {max(arns, key=arns.count)} twice"
            groups = [group for arn in arns if (group := stack.one(arn, *TARGET_GROUPS))]
            protocols = {str(group.get("protocol")) for group in groups}
            if len(protocols) > 1:
                yield forward.owner, f"forwards to groups of {' and '.join(sorted(protocols))}"
        yield from _shown(stack.derived(Traffic), weighted)


def _groups(listener: Block) -> list[str]:
    return [group.key for group in listener.stack.referred(listener.get("default_action"), *TARGET_GROUPS)]


def _serving(weighted: list[Forward], stack: Stack) -> set[str]:
    """The target groups that some listener has weights for."""
    entries = [entry.get("arn") for forward in weighted for entry in forward.entries]
    return {group.key for group in stack.referred(entries, *TARGET_GROUPS)}


def _shown(traffic: Traffic, weighted: list[Forward]) -> Iterator[tuple[Block, str]]:
    """What a listener for tests shows: never the colour that has the clients."""
    of_clients = [f for f in weighted if number(f.owner.get("port")) in CLIENTS and sum(_numbers(f)) == WHOLE]
    for forward in weighted:
        if (
            not of_clients
            or number(forward.owner.get("port")) in (None, *CLIENTS)
            or sum(_numbers(forward)) != WHOLE
        ):
            continue
        active = traffic.weights(of_clients[0].owner)
        shown = traffic.weights(forward.owner)
        if (
            active
            and max(active.values()) > WHOLE / 2
            and shown.get(max(active, key=lambda key: active[key]))
        ):
            yield forward.owner, "shows the colour that serves the clients to testers"


def _numbers(forward: Forward) -> list[float]:
    return [weight or 0 for weight in forward.weights]


def _target(listener: Block) -> str:
    action = next(iter(listener.blocks("default_action")), {})
    return str(
        action.get("target_group_arn") or lookup(action, "forward.target_group.arn") or "one target group"
    )


check = ListenerForwardsByWeight()
