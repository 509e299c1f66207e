"""IDs of half-made parts of the network, which AWS makes up: found by what AWS allows only once."""

from collections.abc import Callable, Mapping
from typing import Any

from bluegreen.terraform.recovery.clients import ClientFor

Values = Mapping[str, Any]


def _filters(**wanted: Any) -> list[dict[str, Any]]:
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in wanted.items()]


def _subnet(values: Values, client_for: ClientFor) -> str:
    filters = _filters(vpc_id=values["vpc_id"], cidr_block=values["cidr_block"])
    return str(client_for("ec2").describe_subnets(Filters=filters)["Subnets"][0]["SubnetId"])


def _security_group(values: Values, client_for: ClientFor) -> str:
    filters = _filters(vpc_id=values["vpc_id"], group_name=values["name"])
    return str(client_for("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"])


def _endpoint(values: Values, client_for: ClientFor) -> str:
    filters = _filters(vpc_id=values["vpc_id"], service_name=values["service_name"])
    found = client_for("ec2").describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
    return next(str(x["VpcEndpointId"]) for x in found if x["State"].lower() in {"pending", "available"})


def _internet_gateway(values: Values, client_for: ClientFor) -> str:
    filters = [{"Name": "attachment.vpc-id", "Values": [values["vpc_id"]]}]
    found = client_for("ec2").describe_internet_gateways(Filters=filters)["InternetGateways"]
    return str(found[0]["InternetGatewayId"])


def _nat_gateway(values: Values, client_for: ClientFor) -> str:
    filters = _filters(subnet_id=values["subnet_id"])
    found = client_for("ec2").describe_nat_gateways(Filters=filters)["NatGateways"]
    return next(
        str(gateway["NatGatewayId"])
        for gateway in found
        if values["allocation_id"] in {at.get("AllocationId") for at in gateway["NatGatewayAddresses"]}
    )


def _route(values: Values, client_for: ClientFor) -> str:
    table, destination = values["route_table_id"], values["destination_cidr_block"]
    found = client_for("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0]
    return next(
        f"{table}_{destination}"
        for route in found["Routes"]
        if route.get("DestinationCidrBlock") == destination
    )


def _association(values: Values, client_for: ClientFor) -> str:
    filters = [{"Name": "association.subnet-id", "Values": [values["subnet_id"]]}]
    found = client_for("ec2").describe_route_tables(Filters=filters)["RouteTables"][0]
    return f"{values['subnet_id']}/{found['RouteTableId']}"


def _rule(values: Values, client_for: ClientFor, *, egress: bool) -> str:
    filters = _filters(group_id=values["security_group_id"])
    found = client_for("ec2").describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return next(str(r["SecurityGroupRuleId"]) for r in found if r["IsEgress"] == egress and _same(values, r))


def _same(values: Values, rule: Mapping[str, Any]) -> bool:
    """Whether a rule of AWS is the planned one. AWS says -1 for ports where there are none."""
    there = (
        rule["IpProtocol"],
        rule.get("FromPort", -1),
        rule.get("ToPort", -1),
        rule.get("CidrIpv4"),
        rule.get("PrefixListId"),
        rule.get("ReferencedGroupInfo", {}).get("GroupId"),
    )
    ports = [-1 if values.get(name) is None else values[name] for name in ("from_port", "to_port")]
    sources = ("cidr_ipv4", "prefix_list_id", "referenced_security_group_id")
    return there == (str(values["ip_protocol"]), *ports, *(values.get(name) or None for name in sources))


FINDERS: dict[str, Callable[[Values, ClientFor], str]] = {
    "aws_internet_gateway": _internet_gateway,
    "aws_nat_gateway": _nat_gateway,
    "aws_route": _route,
    "aws_route_table_association": _association,
    "aws_security_group": _security_group,
    "aws_subnet": _subnet,
    "aws_vpc_endpoint": _endpoint,
    "aws_vpc_security_group_egress_rule": lambda values, clients: _rule(values, clients, egress=True),
    "aws_vpc_security_group_ingress_rule": lambda values, clients: _rule(values, clients, egress=False),
}
