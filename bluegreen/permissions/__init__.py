"""What the roles that deploy may do: derived from a recording of real calls, and from the stack.

    scope = scope_of(document)
    for role in roles_of(scope, document): ...

`make permissions` records the calls anew (tools/permissions) and writes `recorded.json`. Nothing else has to
change when the stack gets another resource.
"""

from bluegreen.permissions.errors import PermissionsError
from bluegreen.permissions.roles import NAMES, Policy, Role, boundary_of, role_of, roles_of
from bluegreen.permissions.scope import Scope, deployment_of, scope_of

__all__ = [
    "NAMES",
    "PermissionsError",
    "Policy",
    "Role",
    "Scope",
    "boundary_of",
    "deployment_of",
    "role_of",
    "roles_of",
    "scope_of",
]
