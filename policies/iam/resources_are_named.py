"""Identity policies name the resources that they are about."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Body

from policies import _iam
from policies._grants import IDENTITY_POLICIES, granting, takes_a_resource
from policies._policy import ResourcePolicy

# Nothing but the service, region and account, or not even these: every resource.
_EVERY = re.compile(r"^(?:\*+|arn:[^:]*(?::[^:]*){0,3}(?::\*+(?:/\*+)?)?)$")
# A condition names the service, and with it the only role. Source: IAM user guide, "Service-linked role
# permissions".
_SERVICE_ROLE, _SERVICE_NAME = "iam:createservicelinkedrole", "iam:awsservicename"


def _is_of_one_service(action: str, statement: Body) -> bool:
    return action.lower() == _SERVICE_ROLE and any(
        operator.startswith("StringEquals") and key.lower() == _SERVICE_NAME and values
        for operator, key, values in _iam.conditions(statement)
    )


class ResourcesAreNamed(ResourcePolicy):
    policy = "CKV_BG_241"
    title = "IAM policies name the resources of each action that takes one"
    requirement = None
    pci = "7.2.5"
    profiles = ("general",)
    severity = "HIGH"
    why = "An attacker with the role's credentials reaches the resources of everything else in the account"
    fix = "set Resource to the ARNs; keep * in a statement of its own, for actions that take no resource"
    types = IDENTITY_POLICIES

    def defects(self, resource: Block) -> Iterator[str]:
        for where, statement in granting(resource):
            limited = [
                action
                for action in _iam.actions(statement)
                if takes_a_resource(action) and not _is_of_one_service(action, statement)
            ]
            if "NotResource" in statement:
                yield f"{where} is about everything but some resources (NotResource)"
            elif limited and any(_EVERY.match(text) for text in _iam.resources(statement)):
                yield f"{where} allows {', '.join(limited)} on every resource"


check = ResourcesAreNamed()
