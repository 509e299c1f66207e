"""Stock moto leaves out zones that it doesn't know; EC2 refuses the call.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, InvalidParameterValue.
"""

from collections.abc import Callable
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend

from embedded_aws.extensions import Server


def install(_: Server) -> None:
    """Extend moto's regions and zones."""
    stock = EC2Backend.describe_availability_zones
    setattr(EC2Backend, "describe_availability_zones", _strict(stock))  # noqa: B010 - inherited: not in vars()


def _strict(stock: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    def describe(
        backend: EC2Backend,
        filters: list[dict[str, Any]] | None = None,
        zone_names: list[str] | None = None,
        zone_ids: list[str] | None = None,
    ) -> list[Any]:
        known = {zone.name for zone in stock(backend)}
        unknown = sorted(set(zone_names or ()) - known)
        if unknown:
            what = f"Invalid availability zone: [{', '.join(unknown)}]"
            raise EC2ClientError("InvalidParameterValue", what)
        return stock(backend, filters, zone_names, zone_ids)

    return describe
