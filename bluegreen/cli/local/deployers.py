"""The roles that deploy, in the embedded AWS of a local deployment: as in a real account, with a trust in its
operator.
"""

import json
from pathlib import Path

import embedded_aws
from embedded_aws import LocalAws

from bluegreen.cli.deployment import Deployment
from bluegreen.permissions import boundary_of, deployment_of, roles_of, scope_of
from bluegreen.permissions.making import Making
from bluegreen.permissions.scope import TAG
from bluegreen.permissions.trust import Account


def acting(aws: LocalAws, place: Deployment, role: str) -> LocalAws:
    """The same AWS, called by one of the roles; all are made where they are not as they should be.

    A stack of which nothing is tagged as a deployment's is no platform's: it is applied by an administrator.
    So is, once, a deployment of a version that did not tag its resources. Raises PermissionsError.
    """
    stack = place.document()
    if not deployment_of(stack) or _lacks_tags(place.state_file):
        return embedded_aws.as_deploying_role(aws)
    scope = scope_of(stack)
    policies = (boundary_of(scope, stack),) if scope.own_boundary else ()
    operator = Account(aws.client("sts").get_caller_identity()["Arn"])
    making = Making(
        aws.client("iam"), roles_of(scope), policies, operator, deployment=place.name, tags=scope.tags
    )
    for setting in making.settings():
        if not setting.is_so():
            setting.make_so()
    return embedded_aws.as_role(aws, scope.role_arn(role), "terraform")


def _lacks_tags(state: Path) -> bool:
    """Whether a resource of the state could have the deployment's tag and has not: roles may not touch it."""
    try:
        resources = json.loads(state.read_text("utf-8")).get("resources", ())
    except (OSError, ValueError):  # nothing is applied yet, or Terraform says what is wrong with it
        return False
    return any(
        tags is not None and TAG not in tags
        for resource in resources
        if resource.get("mode") == "managed"
        for instance in resource.get("instances", ())
        for tags in [(instance.get("attributes") or {}).get("tags_all")]
    )
