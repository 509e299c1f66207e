"""R08-R11: three zones for every tier, one NAT gateway with its own address a zone, no way out for the
database tier.
"""

from ipaddress import IPv4Network

from tests.stack_reader import Resource, Stack

INTERNET = "0.0.0.0/0"


def tier(stack: Stack, name: str) -> list[Resource]:
    return [subnet for subnet in stack.all("aws_subnet") if subnet.path.startswith(f"network/{name}-")]


def routes_of(stack: Stack, subnet: Resource) -> list[Resource]:
    (association,) = [
        a for a in stack.all("aws_route_table_association") if stack.named(a["subnet_id"]) == subnet
    ]
    table = stack.named(association["route_table_id"])
    return [route for route in stack.all("aws_route") if stack.named(route["route_table_id"]) == table]


def test_every_tier_spans_three_zones_without_overlap(stack: Stack) -> None:
    cidrs = [IPv4Network(subnet["cidr_block"]) for subnet in stack.all("aws_subnet")]
    vpc = IPv4Network(stack.one("aws_vpc")["cidr_block"])

    for name in ("public", "application", "database"):
        assert {s["availability_zone"] for s in tier(stack, name)} == {
            "us-east-1a",
            "us-east-1b",
            "us-east-1c",
        }
    assert len(cidrs) == 9
    assert all(cidr.subnet_of(vpc) for cidr in cidrs)
    assert not any(a.overlaps(b) for i, a in enumerate(cidrs) for b in cidrs[:i])


def test_each_application_subnet_leaves_through_the_nat_gateway_of_its_own_zone(stack: Stack) -> None:
    gateways = set()
    for subnet in tier(stack, "application"):
        (route,) = routes_of(stack, subnet)
        gateway = stack.named(route["nat_gateway_id"])
        gateways.add(gateway)
        assert route["destination_cidr_block"] == INTERNET
        assert stack.named(gateway["subnet_id"])["availability_zone"] == subnet["availability_zone"]
    assert gateways == set(stack.all("aws_nat_gateway"))
    assert len(gateways) == 3


def test_each_nat_gateway_has_an_address_of_its_own(stack: Stack) -> None:
    addresses = [stack.named(gateway["allocation_id"]) for gateway in stack.all("aws_nat_gateway")]

    assert {address.type for address in addresses} == {"aws_eip"}
    assert set(addresses) == set(stack.all("aws_eip"))
    assert len(addresses) == len(set(addresses)) == 3


def test_the_database_tier_has_no_route_to_anywhere(stack: Stack) -> None:
    for subnet in tier(stack, "database"):
        assert routes_of(stack, subnet) == []


def test_only_the_public_tier_routes_to_the_internet_gateway(stack: Stack) -> None:
    for subnet in tier(stack, "public"):
        (route,) = routes_of(stack, subnet)
        assert stack.named(route["gateway_id"]) == stack.one("aws_internet_gateway")
        assert subnet["map_public_ip_on_launch"] is False
    assert len([route for route in stack.all("aws_route") if "gateway_id" in route.block]) == 1


def test_the_default_security_group_admits_and_reaches_nothing(stack: Stack) -> None:
    group = stack.one("aws_default_security_group")

    assert stack.named(group["vpc_id"]) == stack.one("aws_vpc")
    assert not {"ingress", "egress"} & set(group.block)


def test_flow_logs_keep_all_traffic_in_an_encrypted_log_group(stack: Stack) -> None:
    flow_log = stack.one("aws_flow_log")
    group = stack.named(flow_log["log_destination"])

    assert flow_log["traffic_type"] == "ALL"
    assert stack.named(flow_log["vpc_id"]) == stack.one("aws_vpc")
    assert stack.named(group["kms_key_id"]) == stack.one("aws_kms_key")
    assert group["retention_in_days"] >= 365
