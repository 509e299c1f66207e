"""No listener rule takes traffic from the weights of the listener."""

import re
from collections.abc import Iterator

from stack_gate.stack import RULES, Block, Body, listed, lookup, objects, strings

from policies._policy import ResourcePolicy
from policies._switch import Switches, environment

# `/internal`, `/internal/*`; not `/*`.
_ONE_PATH = re.compile(r"/[\w.-]{1,100}(?:/[\w.*?-]{0,100}){0,8}")
_REFUSED = ("403", "404", "410")
_WIDEST = 8  # bits of a network


class RuleLeavesTrafficToTheWeights(ResourcePolicy):
    policy = "CKV_BG_406"
    title = "Each listener rule closes one path, or is for testers, or is one that the switch is told of"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    why = "Requests that meet it go past the weights: no shift and no rollback reaches them"
    fix = (
        "remove the rule; or let it answer 403 or 404 for one path, or forward testers by addresses and "
        "a header, or name its ARN in the switch function's environment"
    )
    types = RULES

    def defects(self, resource: Block) -> Iterator[str]:
        actions, conditions = resource.blocks("action"), resource.blocks("condition")
        if not (_closes(actions, conditions) or _is_for_testers(actions, conditions) or _is_told(resource)):
            kinds = ", ".join(str(action.get("type")) for action in actions) or "nothing"
            yield f"has the action {kinds} for requests that the weights are for"


def _closes(actions: list[Body], conditions: list[Body]) -> bool:
    refuses = bool(actions) and all(
        action.get("type") == "fixed-response"
        and str(lookup(action, "fixed_response.status_code")) in _REFUSED
        for action in actions
    )
    paths = [
        str(path) for condition in conditions for path in listed(lookup(condition, "path_pattern.values"))
    ]
    return refuses and bool(paths) and all(_ONE_PATH.fullmatch(path) for path in paths)


def _is_for_testers(actions: list[Body], conditions: list[Body]) -> bool:
    """By both: addresses that are no half of the internet, and a header with a value."""
    networks = [str(n) for condition in conditions for n in listed(lookup(condition, "source_ip.values"))]
    headers = [str(v) for condition in conditions for v in listed(lookup(condition, "http_header.values"))]
    forwards = bool(actions) and all(action.get("type") == "forward" for action in actions)
    narrow = bool(networks) and all(_bits(network) >= _WIDEST for network in networks)
    return forwards and narrow and bool(headers) and not any("*" in value or not value for value in headers)


def _bits(network: str) -> int:
    bits = network.rpartition("/")[2]
    return int(bits) if bits.isdecimal() else 0


def _is_told(rule: Block) -> bool:
    """Whether the switch moves its weights, too."""
    switches = rule.stack.derived(Switches)
    told = [strings(environment(function)) for function in switches.known or switches.candidates]
    named = rule in rule.stack.referred(told, rule.type)
    weighted = [entry for action in rule.blocks("action") for forward in objects(action.get("forward"))
                for entry in objects(forward.get("target_group"))]  # fmt: skip
    return named and len(weighted) > 1


check = RuleLeavesTrafficToTheWeights()
