"""Ways out, ways in, and what is in one zone only: each clause in three forms."""

from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, allow, new, ref, statements, with_

ROUTE, ENDPOINT, SERVICE, VPC, FLOW_LOG = (
    "aws_route",
    "aws_vpc_endpoint",
    "aws_ecs_service",
    "aws_vpc",
    "aws_flow_log",
)
INGRESS, LB = "aws_vpc_security_group_ingress_rule", "aws_lb"
TABLE = ref("aws_route_table", "network_database", "id")
NAT = ref("aws_nat_gateway", "us-east-1a", "id")
APPLICATION = [ref("aws_subnet", f"application-us-east-1{zone}", "id") for zone in "abc"]
PUBLIC = [ref("aws_subnet", f"public-us-east-1{zone}", "id") for zone in "abc"]
DATABASE = ref("aws_security_group", "green-database", "id")
OPEN = statements(allow("*", {"AWS": "*"}))


def route(label: str, **arguments: Any) -> Any:
    return new(ROUTE, label, route_table_id=TABLE, **arguments)


def inline(**entry: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_route_table", "network_database")
        document["resource"]["aws_route_table"][name]["route"] = [
            {key: value(document) if callable(value) else value for key, value in entry.items()}
        ]
        return (f"aws_route_table.{name}",)

    return place


def rule(label: str, **arguments: Any) -> Any:
    return new(
        INGRESS,
        label,
        security_group_id=DATABASE,
        ip_protocol="tcp",
        from_port=3306,
        to_port=3306,
        description="x",
        tags={},
        **arguments,
    )


def inline_rule(**entry: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_security_group", "blue-database")
        document["resource"]["aws_security_group"][name]["ingress"] = [
            {"protocol": "tcp", "from_port": 3306, "to_port": 3306, "description": "x", **entry}
        ]
        return (f"aws_security_group.{name}",)

    return place


def balancer(label: str, type_: str = LB, **arguments: Any) -> Any:
    return new(
        type_,
        label,
        internal=False,
        subnets=PUBLIC,
        name="side-door",
        enable_deletion_protection=True,
        security_groups=[ref("aws_security_group", "load-balancer", "id")],
        tags={},
        **arguments,
    )


HALVES = [
    Case("the lower half", route("r1", destination_cidr_block="0.0.0.0/1", nat_gateway_id=NAT)),
    Case("the upper half", inline(cidr_block="128.0.0.0/1", nat_gateway_id=NAT)),
    Case("a quarter of IPv6", route("a9", destination_ipv6_cidr_block="2000::/3", nat_gateway_id=NAT)),
    Case(
        "one public network",
        route("c3", destination_cidr_block="8.8.8.0/24", gateway_id=ref("aws_internet_gateway", "", "id")),
    ),
    Case("a prefix list", route("d4", destination_prefix_list_id="pl-0123456789abcdef0", nat_gateway_id=NAT)),
]
TARGETS = [
    Case(
        "an interface", route("e1", destination_cidr_block="0.0.0.0/0", network_interface_id="eni-0a1b2c3d")
    ),
    Case(
        "a transit gateway",
        route("e2", destination_cidr_block="0.0.0.0/0", transit_gateway_id="tgw-0a1b2c3d"),
    ),
    Case("a peering", inline(cidr_block="0.0.0.0/0", vpc_peering_connection_id="pcx-0a1b2c3d")),
    Case("egress only", route("e4", destination_ipv6_cidr_block="::/0", egress_only_gateway_id="eigw-0a1b")),
    Case("a virtual private gateway", inline(cidr_block="0.0.0.0/0", gateway_id="vgw-0a1b2c3d")),
]
LITERAL = [
    Case("a literal group", rule("f1", referenced_security_group_id="sg-0123456789abcdef0")),
    Case("a literal group inline", inline_rule(security_groups=["sg-0123456789abcdef0"])),
    Case(
        "a literal group in an old rule",
        new(
            "aws_security_group_rule",
            "f3",
            type="ingress",
            security_group_id=DATABASE,
            protocol="tcp",
            from_port=3306,
            to_port=3306,
            source_security_group_id="sg-0a1b2c3d",
            description="x",
        ),
    ),
]
FOREIGN = [
    Case("a group of another account", rule("g1", referenced_security_group_id="222233334444/sg-0a1b2c3d")),
    Case("inline, of another account", inline_rule(security_groups=["222233334444/sg-0a1b2c3d"])),
    Case(
        "in an old rule, of another account",
        new(
            "aws_security_group_rule",
            "g3",
            type="ingress",
            security_group_id=DATABASE,
            protocol="tcp",
            from_port=3306,
            to_port=3306,
            source_security_group_id="222233334444/sg-0a1b",
            description="x",
        ),
    ),
]
ONE_ZONE = [
    Case("a service in one zone", with_(SERVICE, "blue", network_configuration__subnets=APPLICATION[:1])),
    Case(
        "one zone three times",
        with_(SERVICE, "green", network_configuration__subnets=[APPLICATION[1]] * 3),
    ),
    Case("two zones", with_(SERVICE, "green", network_configuration__subnets=APPLICATION[1:])),
    Case(
        "a function in one zone",
        with_("aws_lambda_function", "switching_switch_", vpc_config__subnet_ids=APPLICATION[:1]),
    ),
]
ENDPOINT_IN_ONE = [
    Case("secrets in one zone", with_(ENDPOINT, "secretsmanager", subnet_ids=APPLICATION[:1])),
    Case("logs in two zones", with_(ENDPOINT, "_logs", subnet_ids=APPLICATION[:2])),
    Case(
        "by its configuration of subnets",
        with_(ENDPOINT, "monitoring", subnet_ids=None, subnet_configuration=[{"subnet_id": APPLICATION[2]}]),
    ),
]
OTHER_REGION = [
    Case("of Ireland", with_(ENDPOINT, "_rds", service_name="com.amazonaws.eu-west-1.rds")),
    Case("by its argument", with_(ENDPOINT, "_sns", service_region="us-west-2")),
    Case("a gateway", with_(ENDPOINT, "_s3_", service_name="com.amazonaws.us-west-2.s3")),
]
NO_POLICY = [
    Case("no policy", with_(ENDPOINT, "secretsmanager", policy=None)),
    Case("everything for everyone", with_(ENDPOINT, "dynamodb", policy=OPEN)),
    Case(
        "a condition of no account",
        with_(
            ENDPOINT,
            "_ssm_",
            policy=statements(
                allow("ssm:*", {"AWS": "*"}, Condition={"Bool": {"aws:SecureTransport": "true"}})
            ),
        ),
    ),
    Case(
        "every account",
        with_(
            ENDPOINT,
            "_states",
            policy=statements(
                allow("states:*", "*", Condition={"StringLike": {"aws:PrincipalAccount": "*"}})
            ),
        ),
    ),
]
DNS = [
    Case("no names", with_(VPC, "", enable_dns_hostnames="false")),
    Case("no resolver", with_(VPC, "", enable_dns_support=False)),
    Case("names left out", with_(VPC, "", enable_dns_hostnames=None)),
]
REFUSED_ONLY = [
    Case("refused", with_(FLOW_LOG, "", traffic_type="REJECT")),
    Case("accepted", with_(FLOW_LOG, "", traffic_type="ACCEPT")),
    Case(
        "of one subnet alone",
        with_(FLOW_LOG, "", vpc_id=None, subnet_id=APPLICATION[0]),
    ),
]
PAST_THE_FIREWALL = [
    Case("network", balancer("n1", load_balancer_type="network")),
    Case("network, internal left out", balancer("h8", "aws_alb", load_balancer_type="network")),
    Case("gateway", balancer("q4", load_balancer_type="gateway")),
    Case("application", balancer("k2", load_balancer_type="application", drop_invalid_header_fields=True)),
]
ANSWERS = [
    Case(
        "no answers",
        new(
            "aws_network_acl",
            "z1",
            vpc_id=ref(VPC, "", "id"),
            subnet_ids=APPLICATION,
            tags={},
            egress=[
                {
                    "rule_no": 100,
                    "action": "allow",
                    "protocol": "tcp",
                    "from_port": 443,
                    "to_port": 443,
                    "cidr_block": "0.0.0.0/0",
                }
            ],
        ),
    ),
    Case(
        "a rule that denies",
        new(
            "aws_network_acl_rule",
            "z2",
            network_acl_id="acl-0a1b2c3d",
            rule_number=90,
            egress=True,
            protocol="tcp",
            rule_action="deny",
            cidr_block="0.0.0.0/0",
            from_port=1024,
            to_port=65535,
        ),
    ),
    Case(
        "the default one emptied",
        new(
            "aws_default_network_acl",
            "z3",
            default_network_acl_id=ref(VPC, "", "default_network_acl_id"),
            tags={},
        ),
    ),
]

CASES = [
    *HALVES,
    *TARGETS,
    *LITERAL,
    *FOREIGN,
    *ONE_ZONE,
    *ENDPOINT_IN_ONE,
    *OTHER_REGION,
    *NO_POLICY,
    *DNS,
    *REFUSED_ONLY,
    *PAST_THE_FIREWALL,
    *ANSWERS,
]
