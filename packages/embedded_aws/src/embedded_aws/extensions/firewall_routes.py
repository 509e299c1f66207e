"""Stock moto forgets the endpoint when a route is replaced: it would lead nowhere.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html
"""

from collections.abc import Callable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.responses.route_tables import RouteTables
from moto.ec2.utils import generate_route_id

from embedded_aws.extensions import Server, replace


def install(_: Server) -> None:
    """Extend moto's route tables."""
    replace(RouteTables, "replace_route", _replace)


def _replace(stock: Callable[..., Any], asked: RouteTables) -> Any:
    answer = stock(asked)
    destination = asked._get_param("DestinationCidrBlock")
    if destination:
        table = asked._get_param("RouteTableId")
        ec2 = ec2_backends[asked.current_account][asked.region]
        route = ec2.get_route_table(table)._routes[generate_route_id(table, destination)]
        route.vpc_endpoint_id = asked._get_param("VpcEndpointId")
    return answer
