"""Isolation, ways in and out, zones."""

import json
from typing import Any

from tests.policies import harness
from tests.policies.harness import Document, Mutant, Mutation, also, both, change, name_like, on, remove

NAT = "aws_nat_gateway"
ENDPOINT = "aws_vpc_endpoint"
SUBNET = "aws_subnet"
INGRESS = "aws_vpc_security_group_ingress_rule"
EVERYWHERE = "0.0.0.0/0"


def add(type_: str, name: str, /, **arguments: Any) -> Mutation:
    def mutate(document: Document) -> None:
        document["resource"].setdefault(type_, {})[name] = arguments

    return mutate


def refer(type_: str, part: str, argument: str, to: str, named: str) -> Mutation:
    """Has an argument refer to another resource."""

    def mutate(document: Document) -> None:
        target = f"${{{to}.{name_like(document, to, named)}.id}}"
        change(type_, part, **{argument: target})(document)

    return mutate


def without_last(type_: str, part: str, argument: str) -> Mutation:
    def mutate(document: Document) -> None:
        document["resource"][type_][name_like(document, type_, part)][argument].pop()

    return mutate


def zone(zone: str, of: str) -> Mutation:
    """Moves subnets into another zone."""

    def mutate(document: Document) -> None:
        for name, body in document["resource"][SUBNET].items():
            if of in name:
                body["availability_zone"] = zone

    return mutate


def shared_route_table(document: Document) -> None:
    """One NAT gateway for all: the classic."""
    for part in ("nat-us-east-1b", "nat-us-east-1c"):
        remove(NAT, part)(document)
        remove("aws_eip", part)(document)
        _not_admitted(document, part)
    for part in ("1b-nat", "1c-nat"):
        refer("aws_route", part, "nat_gateway_id", NAT, "nat-us-east-1a")(document)


def _not_admitted(document: Document, part: str) -> None:
    """The load balancer no longer admits the address of that NAT gateway to its test port."""
    rules = document["resource"][INGRESS]
    for name in [name for name, body in rules.items() if part in str(body.get("cidr_ipv4"))]:
        del rules[name]


def without_address(part: str) -> Mutation:
    def mutate(document: Document) -> None:
        _not_admitted(document, part)
        remove("aws_eip", part)(document)

    return mutate


def inline_routes(document: Document) -> None:
    """The routes as blocks of the tables, the second one crossing zones."""
    gateways = {zone: name_like(document, NAT, f"1{zone}") for zone in "abc"}
    del document["resource"]["aws_route"]
    for name, body in document["resource"]["aws_route_table"].items():
        for zone_, gateway in gateways.items():
            if f"application-us-east-1{zone_}" in name:
                wrong = gateways["c"] if zone_ == "b" else gateway
                body["route"] = [{"cidr_block": EVERYWHERE, "nat_gateway_id": f"${{{NAT}.{wrong}.id}}"}]
        if "public" in name:
            internet = name_like(document, "aws_internet_gateway", "")
            body["route"] = {
                "cidr_block": EVERYWHERE,
                "gateway_id": f"${{aws_internet_gateway.{internet}.id}}",
            }


ADDRESS = [
    Mutant(
        "NAT gateway without allocation_id",
        change(NAT, "nat-us-east-1b", allocation_id=None),
        on("CKV_BG_10", NAT, "nat-us-east-1b"),
    ),
    Mutant(
        "NAT gateway with an empty allocation_id",
        change(NAT, "nat-us-east-1c", allocation_id=""),
        on("CKV_BG_10", NAT, "nat-us-east-1c"),
    ),
    Mutant(
        "NAT gateway without Elastic IP",
        both(without_address("1c"), change(NAT, "nat-us-east-1c", allocation_id=None)),
        also(on("CKV_BG_10", NAT, "nat-us-east-1c"), on("CKV2_BG_9", NAT, "nat-us-east-1c")),
    ),
    Mutant(
        "no Elastic IPs",
        both(
            without_address("nat-"),
            *(change(NAT, f"nat-us-east-1{zone}", allocation_id=None) for zone in "abc"),
        ),
        also(on("CKV_BG_10", NAT), on("CKV2_BG_9", NAT)),
    ),
    Mutant(
        "two NAT gateways with one Elastic IP",
        refer(NAT, "nat-us-east-1c", "allocation_id", "aws_eip", "nat-us-east-1b"),
        also(on("CKV2_BG_9", NAT, "1b"), on("CKV2_BG_9", NAT, "1c")),
    ),
    Mutant(
        "allocation_id of something else",
        refer(NAT, "nat-us-east-1b", "allocation_id", SUBNET, "public-us-east-1b"),
        on("CKV2_BG_9", NAT, "1b"),
    ),
]

UNWATCHED = on("CKV_BG_206", "aws_cloudwatch_metric_alarm", "nat-ports")  # its gateway is gone

WAYS_OUT = [
    Mutant(
        "no NAT gateways", both(remove(NAT), remove("aws_route", "-nat")), also(on("CKV2_BG_11"), UNWATCHED)
    ),
    Mutant(
        "one NAT gateway for all zones",
        shared_route_table,
        also(
            on("CKV2_BG_11"),
            UNWATCHED,
            on("CKV2_BG_12", "aws_route_table", "application-us-east-1b"),
            on("CKV2_BG_12", "aws_route_table", "application-us-east-1c"),
        ),
    ),
    Mutant(
        "route to the NAT gateway of another zone",
        refer("aws_route", "1b-nat", "nat_gateway_id", NAT, "nat-us-east-1a"),
        on("CKV2_BG_12", "aws_route_table", "application-us-east-1b"),
    ),
    Mutant(
        "inline route to another zone",
        inline_routes,
        on("CKV2_BG_12", "aws_route_table", "application-us-east-1b"),
    ),
    Mutant(
        "one route table for two zones",
        refer(
            "aws_route_table_association",
            "application-us-east-1c",
            "route_table_id",
            "aws_route_table",
            "application-us-east-1a",
        ),
        on("CKV2_BG_12", "aws_route_table", "application-us-east-1a"),
    ),
    Mutant(
        "NAT gateway in a private subnet",
        refer(NAT, "nat-us-east-1b", "subnet_id", SUBNET, "application-us-east-1b"),
        on("CKV_BG_11", NAT, "1b"),
    ),
    Mutant(
        "NAT gateway in the zone of another one",
        refer(NAT, "nat-us-east-1c", "subnet_id", SUBNET, "public-us-east-1a"),
        also(on("CKV2_BG_11"), on("CKV2_BG_12", "aws_route_table", "application-us-east-1c")),
    ),
]

ENDPOINTS = [
    Mutant("no endpoints", remove(ENDPOINT), also(on("CKV2_BG_3"), on("CKV2_BG_5"), on("CKV2_BG_267"))),
    Mutant("no gateway endpoint for S3", remove(ENDPOINT, "_s3"), on("CKV2_BG_3")),
    Mutant("no gateway endpoint for DynamoDB", remove(ENDPOINT, "dynamodb"), on("CKV2_BG_3")),
    Mutant(
        "S3 by interface instead of gateway",
        change(ENDPOINT, "_s3", vpc_endpoint_type="Interface", private_dns_enabled=True),
        on("CKV2_BG_3"),
    ),
    Mutant(
        "gateway endpoint of another service",
        change(ENDPOINT, "dynamodb", service_name="com.amazonaws.us-east-1.s3"),
        on("CKV2_BG_3"),
    ),
    Mutant(
        "gateway endpoint without route tables",
        change(ENDPOINT, "dynamodb", route_table_ids=None),
        on("CKV2_BG_4", ENDPOINT, "dynamodb"),
    ),
    Mutant(
        "gateway endpoint that misses a private route table",
        without_last(ENDPOINT, "_s3", "route_table_ids"),
        on("CKV2_BG_4", ENDPOINT, "_s3"),
    ),
    Mutant(
        "no endpoint for the load balancer's API", remove(ENDPOINT, "elasticloadbalancing"), on("CKV2_BG_5")
    ),
    Mutant(
        "no endpoint for the secrets' API",
        remove(ENDPOINT, "secretsmanager"),
        also(on("CKV2_BG_5"), on("CKV2_BG_267")),
    ),
    Mutant(
        "interface endpoint of another service",
        change(ENDPOINT, "ssm", service_name="com.amazonaws.us-east-1.ec2"),
        on("CKV2_BG_5"),
    ),
    Mutant(
        "interface endpoint without private DNS",
        change(ENDPOINT, "ssm", private_dns_enabled=False),
        on("CKV_BG_7", ENDPOINT, "ssm"),
    ),
    Mutant(
        "interface endpoint with default DNS",
        change(ENDPOINT, "secretsmanager", private_dns_enabled=None),
        on("CKV_BG_7", ENDPOINT, "secretsmanager"),
    ),
]

ZONES = [
    Mutant(
        "one zone for everything",
        zone("us-east-1a", "us-east-1"),
        also(on("CKV2_BG_8", SUBNET), on("CKV_BG_8", "aws_lb"), on("CKV_BG_8", "aws_db_subnet_group")),
    ),
    Mutant(
        "database subnets in two zones",
        zone("us-east-1a", "database-us-east-1b"),
        also(
            on("CKV2_BG_8", SUBNET, "database-us-east-1a"),
            on("CKV2_BG_8", SUBNET, "database-us-east-1b"),
            on("CKV_BG_8", "aws_db_subnet_group"),
        ),
    ),
    Mutant(
        "load balancer in two of three subnets",
        without_last("aws_lb", "", "subnets"),
        on("CKV_BG_8", "aws_lb"),
    ),
    Mutant(
        "database of green in two of three subnets",
        without_last("aws_db_subnet_group", "green", "subnet_ids"),
        on("CKV_BG_8", "aws_db_subnet_group", "green"),
    ),
    Mutant(
        "subnet that does not name its zone",
        change(SUBNET, "application-us-east-1b", availability_zone=None),
        on("CKV2_BG_8", SUBNET, "application-us-east-1b"),
    ),
]

OPEN = [
    Mutant(
        "application open to the world",
        change(
            INGRESS,
            "load-balancer_green",
            referenced_security_group_id=None,
            cidr_ipv4=EVERYWHERE,
        ),
        on("CKV_BG_55", INGRESS, "load-balancer_green"),
    ),
    Mutant(
        "application open to the world in IPv6",
        change(INGRESS, "load-balancer_blue", referenced_security_group_id=None, cidr_ipv6="::/0"),
        on("CKV_BG_55", INGRESS, "load-balancer_blue"),
    ),
    Mutant(
        "half of the world",
        change(INGRESS, "endpoints_switch-ingress", referenced_security_group_id=None, cidr_ipv4="0.0.0.0/1"),
        on("CKV_BG_55", INGRESS, "endpoints_switch-ingress"),
    ),
    Mutant(
        "test port of the load balancer open to the world",
        change(INGRESS, "testers-0", cidr_ipv4=EVERYWHERE),
        on("CKV_BG_55", INGRESS, "testers-0"),
    ),
    Mutant(
        "all ports of the load balancer open to the world",
        change(INGRESS, "clients-https", ip_protocol="-1", from_port=None, to_port=None),
        on("CKV_BG_55", INGRESS, "clients-https"),
    ),
    Mutant(
        "a range of ports that has 443 in it",
        change(INGRESS, "clients-https", to_port=8443),
        on("CKV_BG_55", INGRESS, "clients-https"),
    ),
    Mutant(
        "SSH in an inline rule",
        change(
            "aws_security_group",
            "switching_switch",
            ingress=[
                {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8", EVERYWHERE]}
            ],
        ),
        on("CKV_BG_55", "aws_security_group", "switching_switch"),
    ),
    Mutant(
        "an old-style rule",
        add(
            "aws_security_group_rule",
            "open",
            type="ingress",
            from_port=3306,
            to_port=3306,
            protocol="tcp",
            cidr_blocks=[EVERYWHERE],
            security_group_id="${aws_security_group.blue_security-group_C3D14466.id}",
        ),
        on("CKV_BG_55", "aws_security_group_rule", "open"),
    ),
    Mutant(
        "the world as a prefix list",
        both(
            add(
                "aws_ec2_managed_prefix_list",
                "partners",
                name="partners",
                address_family="IPv4",
                max_entries=1,
                entry=[{"cidr": EVERYWHERE}],
            ),
            change(
                INGRESS,
                "endpoints_switch-ingress",
                referenced_security_group_id=None,
                prefix_list_id="${aws_ec2_managed_prefix_list.partners.id}",
            ),
        ),
        on("CKV_BG_55", INGRESS, "endpoints_switch-ingress"),
    ),
]


def plain_http(**changes: Any) -> Mutation:
    """Changes the statement that denies requests without TLS."""

    def mutate(document: Document) -> None:
        policy = harness.body(document, "aws_s3_bucket_policy")
        content = json.loads(policy["policy"])
        (statement,) = (found for found in content["Statement"] if found["Effect"] == "Deny")
        bucket = name_like(document, "aws_s3_bucket", "")
        statement |= json.loads(json.dumps(changes).replace("BUCKET", bucket))
        policy["policy"] = json.dumps(content)

    return mutate


# What a statement that denies plain HTTP may not say instead.
NOT_DENIED: dict[str, dict[str, Any]] = {
    "denied with TLS instead": {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    "denied without any value": {"Condition": {"Null": {"aws:SecureTransport": "false"}}},
    "denied for writing": {"Action": "s3:PutObject"},
    "denied to a role": {"Principal": {"AWS": "arn:aws:iam::123456789012:role/reader"}},
    "denied of the bucket, not of its objects": {"Resource": "${aws_s3_bucket.BUCKET.arn}"},
    "denied in a network": {
        "Condition": {
            "Bool": {"aws:SecureTransport": "false"},
            "StringEquals": {"aws:SourceVpc": "vpc-0123456789abcdef0"},
        }
    },
}

BUCKETS = [
    Mutant(
        "bucket without public access block",
        remove("aws_s3_bucket_public_access_block"),
        on("CKV_BG_54", "aws_s3_bucket"),
    ),
    Mutant(
        "bucket that lets public policies through",
        change("aws_s3_bucket_public_access_block", restrict_public_buckets=False),
        on("CKV_BG_54", "aws_s3_bucket"),
    ),
    Mutant(
        "bucket with a public ACL",
        change("aws_s3_bucket", acl="public-read"),
        on("CKV_BG_54", "aws_s3_bucket"),
    ),
    Mutant(
        "bucket open by policy",
        change(
            "aws_s3_bucket_policy",
            policy='{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}}',
        ),
        also(
            on("CKV_BG_54", "aws_s3_bucket"),
            on("CKV_BG_415", "aws_s3_bucket"),
            on("CKV2_BG_310", "aws_s3_bucket_policy"),
        ),
    ),
    *(
        Mutant(
            f"bucket that answers plain HTTP: {name}",
            plain_http(**change_),
            on("CKV_BG_415", "aws_s3_bucket"),
        )
        for name, change_ in NOT_DENIED.items()
    ),
]

MUTANTS = [*ADDRESS, *WAYS_OUT, *ENDPOINTS, *ZONES, *OPEN, *BUCKETS]
