"""What stands in a tier that is not its own, and ways in past the load balancer, in three forms each."""

from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, new, ref, several, with_

SUBNET, SERVICE, FUNCTION, ENDPOINT, ASSOCIATION, ROUTE = (
    "aws_subnet", "aws_ecs_service", "aws_lambda_function", "aws_vpc_endpoint", "aws_route_table_association",
    "aws_route",
)  # fmt: skip
INGRESS, OLDER, GROUP = "aws_vpc_security_group_ingress_rule", "aws_security_group_rule", "aws_security_group"
LISTED = "pl-0123456789abcdef0"
VPC = ref("aws_vpc", "", "id")
RANGE = ref("aws_vpc", "", "cidr_block")
TASKS = ref(GROUP, "green_security", "id")
OTHER_TASKS = ref(GROUP, "blue_security", "id")
DATABASE = ref(GROUP, "blue-database", "id")
BALANCER = ref(GROUP, "load-balancer", "id")
ENDPOINTS = ref(GROUP, "endpoints_", "id")


def subnets(tier: str) -> list[Any]:
    return [ref(SUBNET, f"{tier}-us-east-1{zone}", "id") for zone in "abc"]


def table(part: str) -> Any:
    return ref("aws_route_table", part, "id")


def admits(label: str, group: Any, port: int, **source: Any) -> Any:
    return new(
        INGRESS, label, security_group_id=group, ip_protocol="tcp", from_port=port, to_port=port,
        description="x", tags={}, **source,
    )  # fmt: skip


def inside(part: str, port: int, **source: Any) -> Any:
    entry = {"protocol": "tcp", "from_port": port, "to_port": port, "description": "x", **source}
    return with_(GROUP, part, ingress=[entry])


def older(label: str, group: Any, port: int, **source: Any) -> Any:
    return new(
        OLDER, label, type="ingress", security_group_id=group, protocol="tcp", from_port=port, to_port=port,
        description="x", **source,
    )  # fmt: skip


def alone(part: str) -> Any:
    """A subnet without a route table of its own."""

    def place(document: Document) -> tuple[str, ...]:
        del document["resource"][ASSOCIATION][name_like(document, ASSOCIATION, part)]
        return (f"{SUBNET}.{name_like(document, SUBNET, part)}",)

    return place


def main_table(label: str, part: str) -> Any:
    return new("aws_main_route_table_association", label, vpc_id=VPC, route_table_id=table(part))


def with_table(label: str, **route: Any) -> Any:
    """A table of its own, with one route, as the main one."""
    return several(
        new(
            "aws_main_route_table_association", label, vpc_id=VPC,
            route_table_id=f"${{aws_route_table.{label}.id}}",
        ),
        new("aws_route_table", label, vpc_id=VPC, route=[route], tags={}),
    )  # fmt: skip


def moved(part: str, to: str) -> Any:
    return with_(ASSOCIATION, part, route_table_id=table(to))


def mounted(tier: str) -> Any:
    """A file system of the platform's key, with a mount target in the tier."""
    system, target = "aws_efs_file_system", "aws_efs_mount_target"
    return several(
        new(
            target, "f", file_system_id=f"${{{system}.f.id}}", subnet_id=subnets(tier)[0],
            security_groups=[TASKS],
        ),
        new(system, "f", encrypted=True, kms_key_id=ref("aws_kms_key"), tags={}),
    )  # fmt: skip


PEER = "pcx-0123456789abcdef0"
GATEWAY = ref("aws_internet_gateway", "", "id")
NAT = ref("aws_nat_gateway", "us-east-1a", "id")
TIERS = {
    "tasks beside databases": with_(SERVICE, "blue", network_configuration__subnets=subnets("database")),
    "tasks in public": with_(SERVICE, "green", network_configuration__subnets=subnets("public")),
    "one of three beside databases": with_(
        SERVICE, "green", network_configuration__subnets=[*subnets("application"), subnets("database")[0]]
    ),
    "switch beside databases": with_(
        FUNCTION, "switching_switch_", vpc_config__subnet_ids=subnets("database")
    ),
    "mover in public": with_(FUNCTION, "ledger_move", vpc_config__subnet_ids=subnets("public")),
    "rotation beside databases": with_(
        FUNCTION, "blue-credentials", vpc_config__subnet_ids=subnets("database")
    ),
    "an endpoint beside databases": with_(ENDPOINT, "_secretsmanager", subnet_ids=subnets("database")),
    "files in public": mounted("public"),
    "files beside databases": mounted("database"),
    "an endpoint in public": with_(ENDPOINT, "_logs", subnet_ids=subnets("public")),
    "an endpoint by its addresses": with_(
        ENDPOINT,
        "_sns",
        subnet_ids=None,
        subnet_configuration=[{"subnet_id": s} for s in subnets("database")],
    ),
    "databases among tasks": with_("aws_db_subnet_group", "green", subnet_ids=subnets("application")),
    "clients' balancer inside": with_("aws_lb", "", subnets=subnets("application")),
    "clients' balancer beside databases": with_("aws_lb", "", subnets=subnets("database")),
    "a subnet in a city": with_(SUBNET, "application-us-east-1c", availability_zone="us-east-1-bos-1a"),
    "a subnet at an antenna": with_(
        SUBNET, "network_database-us-east-1b", availability_zone="us-east-1-wl1-atl-wlz-1"
    ),
    "two subnets in a zone": with_(SUBNET, "application-us-east-1c", availability_zone="us-east-1a"),
    "two databases' subnets in a zone": with_(
        SUBNET, "network_database-us-east-1c", availability_zone="us-east-1b"
    ),
}
TABLES = {
    "public is the main one": main_table("m1", "network_public"),
    "that of tasks is the main one": main_table("m2", "application-us-east-1b"),
    "one of its own": with_table("m3", cidr_block="0.0.0.0/0", gateway_id=GATEWAY),
    "half of the internet": with_table("m4", cidr_block="128.0.0.0/1", nat_gateway_id=NAT),
    "none, of a database": alone("network_database-us-east-1a"),
    "none, of tasks": alone("application-us-east-1b"),
    "none, of public": alone("network_public-us-east-1c"),
    "databases by that of tasks": moved("network_database-us-east-1a", "application-us-east-1a"),
    "tasks by the public one": moved("application-us-east-1a", "network_public"),
    "tasks by that of databases": moved("application-us-east-1c", "network_database"),
    "public by that of databases": moved("network_public-us-east-1a", "network_database"),
    "databases by the public one": moved("network_database-us-east-1b", "network_public"),
    "tasks by a gateway": with_(
        ROUTE, "application-us-east-1b", nat_gateway_id=None, gateway_id=GATEWAY
    ),
    "tasks by an interface": with_(
        ROUTE, "application-us-east-1c", nat_gateway_id=None, network_interface_id="eni-0123456789abcdef0"
    ),
    "tasks by a peer": with_(
        ROUTE, "application-us-east-1a", nat_gateway_id=None, vpc_peering_connection_id=PEER
    ),
    "a gateway that is no one's": new("aws_internet_gateway", "t1", vpc_id=VPC, tags={}),
    "addresses of the internet": new(
        "aws_vpc_ipv4_cidr_block_association", "t2", vpc_id=VPC, cidr_block="198.51.100.0/24"
    ),
    "IPv6": new(
        "aws_vpc_ipv6_cidr_block_association", "t3", vpc_id=VPC, assign_generated_ipv6_cidr_block=True
    ),
}  # fmt: skip
PAST = {
    "the VPC to tasks": admits("p1", TASKS, 8443, cidr_ipv4=RANGE),
    "10/8 to tasks": admits("p2", TASKS, 8443, cidr_ipv4="10.0.0.0/8"),
    "a subnet to tasks, inside": inside("blue_security", 8443, cidr_blocks=["10.20.64.0/20"]),
    "a company to tasks, the older way": older("p4", OTHER_TASKS, 8443, cidr_blocks=["172.16.0.0/12"]),
    "SSH": admits("p5", OTHER_TASKS, 22, cidr_ipv4=RANGE),
    "10/8 to endpoints": admits("p6", ENDPOINTS, 443, cidr_ipv4="10.0.0.0/8"),
    "a company to endpoints": older("p7", ENDPOINTS, 443, cidr_blocks=["192.168.0.0/16"]),
    "a company to the switch": admits(
        "p8", ref(GROUP, "switching_switch", "id"), 443, cidr_ipv4="172.16.5.0/24"
    ),
    "a public subnet to databases": admits(
        "p9", DATABASE, 3306, cidr_ipv4=ref(SUBNET, "public-us-east-1a", "cidr_block")
    ),
    "a public subnet to databases, in numbers": older("q1", DATABASE, 3306, cidr_blocks=["10.20.128.0/20"]),
    "a public subnet to databases, inside": inside(
        "green-database", 3306, cidr_blocks=[ref(SUBNET, "public-us-east-1c", "cidr_block")]
    ),
    "a list to tasks": admits("q2", TASKS, 8443, prefix_list_id=LISTED),
    "a list to clients' port": admits("q3", BALANCER, 443, prefix_list_id=LISTED),
    "a list to endpoints, the older way": older("q4", ENDPOINTS, 443, prefix_list_ids=[LISTED]),
    "a list, inside": inside("load-balancer", 443, prefix_list_ids=["pl-0a1b2c3d"]),
    "tasks as the database": with_(
        SERVICE, "blue", network_configuration__security_groups=[OTHER_TASKS, DATABASE]
    ),
    "tasks as the balancer": with_(
        SERVICE, "green", network_configuration__security_groups=[TASKS, BALANCER]
    ),
    "a function as the database": with_(
        FUNCTION, "switching_read", vpc_config__security_group_ids=[DATABASE]
    ),
    "an endpoint as the database": with_(ENDPOINT, "_logs", security_group_ids=[DATABASE]),
    "an endpoint as the balancer": with_(ENDPOINT, "_ssm_", security_group_ids=[ENDPOINTS, BALANCER]),
    "the default group": older(
        "q5", ref("aws_vpc", "", "default_security_group_id"), 443, cidr_blocks=["10.20.0.0/16"]
    ),
    "the default group, by a rule": admits(
        "q6", ref("aws_vpc", "", "default_security_group_id"), 443, referenced_security_group_id=TASKS
    ),
}  # fmt: skip
GROUPS = {"tier": TIERS, "table": TABLES, "past": PAST}
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]
