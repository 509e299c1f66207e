"""Callers, and the policies of identities: those of a role or user, its boundary, its session's.

Source: IAM user guide, "Policy evaluation logic", "Session policies".
"""

from typing import Any

from embedded_aws.access.keys import OPERATOR, Key
from embedded_aws.authorisation import held
from embedded_aws.authorisation.documents import parsed
from iam_evaluation import Caller, Kind, Policies, Policy, parse_policy

EVERYTHING = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
ADMINISTRATOR = parse_policy(EVERYTHING, name="AdministratorAccess")
NOTHING = Policy("unreadable boundary", Kind.IDENTITY, ())


def caller_of(key: Key) -> Caller:
    """Whose key it is: a role's session, a user, or one of AWS's services."""
    if not key.arn.startswith("arn:"):
        return Caller.service(key.arn)
    kind, _, name = key.arn.rpartition(":")[2].partition("/")
    if kind == "user":
        return Caller.user(key.arn)
    name, _, session = name.partition("/")
    account = key.arn.split(":")[4]
    role = held.role(name, account)
    return Caller.role(role.arn if role else f"arn:aws:iam::{account}:role/{name}", session)


def policies_of(caller: Caller, session: str | None = None) -> Policies:
    """What the caller itself brings. `session`: its session policy, as JSON."""
    found = None if session is None else _all(parsed(session, "session policy"))
    if caller.entity == OPERATOR:  # whom the embedded AWS knows without IAM
        return Policies(identity=(ADMINISTRATOR,), session=found)
    if ":role/" in caller.entity:
        entity = held.role(caller.entity.rpartition("/")[2], caller.account)
    elif ":user/" in caller.entity:
        entity = _user(caller.entity)
    else:
        return Policies()
    if entity is None:
        return Policies(session=found)
    iam = held.backend("iam", "", caller.account)
    return Policies(identity=_identity(entity, iam), boundary=_boundary(entity, iam), session=found)


def _user(arn: str) -> Any:
    iam = held.backend("iam", "", arn.split(":")[4])
    return next((user for user in list(iam.users.values()) if user.arn == arn), None) if iam else None


def _identity(entity: Any, iam: Any) -> tuple[Policy, ...]:
    groups = [group for group in list(iam.groups.values()) if any(user is entity for user in group.users)]
    return tuple(policy for holder in (entity, *groups) for policy in _attached(holder))


def _attached(holder: Any) -> tuple[Policy, ...]:
    inline = [parsed(document, f"{holder.name}/{name}") for name, document in list(holder.policies.items())]
    managed = [_managed(policy) for policy in list(holder.managed_policies.values())]
    return _all(*inline, *managed)


def _all(*found: Policy | None) -> tuple[Policy, ...]:
    return tuple(policy for policy in found if policy is not None)


def _managed(policy: Any) -> Policy | None:
    document = next(one.document for one in policy.versions if one.version_id == policy.default_version_id)
    return parsed(document, policy.name)


def _boundary(entity: Any, iam: Any) -> Policy | None:
    arn = getattr(entity, "permissions_boundary_arn", None) or (
        (getattr(entity, "permissions_boundary", None) or {}).get("PermissionsBoundaryArn")
    )
    found = iam.managed_policies.get(arn) if arn else None
    return (_managed(found) or NOTHING) if found else None
