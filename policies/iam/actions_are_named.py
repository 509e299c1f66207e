"""Identity policies name the actions that they allow."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies import _iam
from policies._grants import IDENTITY_POLICIES, granting
from policies._policy import ResourcePolicy

_HARMLESS = ("describe*", "list*")  # metadata; many, and new ones with every feature


class ActionsAreNamed(ResourcePolicy):
    policy = "CKV_BG_240"
    title = "IAM policies name each action that they allow"
    requirement = None
    pci = "7.2.5"
    profiles = ("general",)
    severity = "HIGH"
    why = "A wildcard also allows unintended actions, and every action that AWS adds to the service later"
    fix = "list the actions that are called; only Describe* and List* may keep a wildcard"
    types = IDENTITY_POLICIES

    def defects(self, resource: Block) -> Iterator[str]:
        for where, statement in granting(resource):
            if "NotAction" in statement:
                yield f"{where} allows everything but some actions (NotAction)"
            for action in _iam.actions(statement):
                if ("*" in action or "?" in action) and action.partition(":")[2].lower() not in _HARMLESS:
                    yield f"{where} allows {action}"


check = ActionsAreNamed()
