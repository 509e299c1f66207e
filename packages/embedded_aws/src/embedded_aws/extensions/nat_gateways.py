"""Stock moto leaves the address of a deleted NAT gateway associated: no other gateway could have it.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html
"""

from collections.abc import Callable

from moto.ec2.models.nat_gateways import NatGateway, NatGatewayBackend

from embedded_aws.extensions import Server, replace


def install(_: Server) -> None:
    """Extend moto's NAT gateways."""
    replace(NatGatewayBackend, "delete_nat_gateway", _delete)


def _delete(stock: Callable[..., NatGateway], backend: NatGatewayBackend, nat_gateway_id: str) -> NatGateway:
    gateway = stock(backend, nat_gateway_id)
    for address in gateway.address_set:
        if association := address.get("associationId"):
            backend.disassociate_address(association_id=association)  # type: ignore[attr-defined]
    return gateway
