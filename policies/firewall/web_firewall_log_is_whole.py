"""The log of the web application firewall has everything that was blocked."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, objects

from policies._policy import ResourcePolicy
from policies.firewall._firewall import LOGGING

_BLOCK = "BLOCK"


class WebFirewallLogIsWhole(ResourcePolicy):
    policy = "CKV_BG_317"
    title = "No filter keeps blocked requests out of a web ACL's log"
    requirement = None
    pci = "10.2.1"
    severity = "HIGH"
    why = "Attacks that were blocked are the ones that an investigation begins with"
    fix = "take the logging_filter out, or keep what has the action BLOCK"
    types = (LOGGING,)

    def defects(self, resource: Block) -> Iterator[str]:
        for filters in resource.blocks("logging_filter"):
            kept = filters.get("default_behavior") == "KEEP"
            for entry in objects(filters.get("filter")):
                if entry.get("behavior") == "DROP" and _may_be_blocked(entry):
                    yield "drops blocked requests"
                if entry.get("behavior") == "KEEP" and _is_blocked(entry):
                    kept = True
            if not kept:
                yield "keeps some requests only, and not all that were blocked"


def _actions(entry: Body) -> tuple[list[str], int]:
    """The actions that the conditions name, and how many conditions are about something else."""
    conditions = objects(entry.get("condition"))
    named = [
        str(c.get("action")) for condition in conditions for c in objects(condition.get("action_condition"))
    ]
    return named, len(conditions) - len(named)


def _is_blocked(entry: Body) -> bool:
    """Whether every blocked request meets it."""
    named, others = _actions(entry)
    return _BLOCK in named and (entry.get("requirement") == "MEETS_ANY" or (len(named) == 1 and not others))


def _may_be_blocked(entry: Body) -> bool:
    """Whether a blocked request meets it, perhaps."""
    named, others = _actions(entry)
    if entry.get("requirement") == "MEETS_ANY":
        return _BLOCK in named or bool(others)
    return set(named) <= {_BLOCK}


check = WebFirewallLogIsWhole()
