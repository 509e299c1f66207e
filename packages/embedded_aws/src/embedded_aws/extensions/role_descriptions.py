"""Stock moto drops a role's description when UpdateRole names none: Terraform would find it missing."""

from collections.abc import Callable

from moto.iam.models import IAMBackend, Role

from embedded_aws.extensions import Server, replace


def install(_: Server) -> None:
    """Extend moto's identities."""
    replace(IAMBackend, "update_role", _update_role)


def _update_role(
    stock: Callable[..., Role], backend: IAMBackend, role_name: str, description: str | None, duration: str
) -> Role:
    kept = backend.get_role(role_name).description
    return stock(backend, role_name, kept if description is None else description, duration)
