"""Who reaches a database."""

from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, both, change, name_like, on
from tests.policies.mutants.ledger import alone

CLUSTER = "aws_rds_cluster"
INSTANCE = "aws_rds_cluster_instance"
GROUP = "aws_security_group"
INGRESS = "aws_vpc_security_group_ingress_rule"
APPLICATION = "green-database_green-application"
EVERYWHERE = "0.0.0.0/0"


def admit(**rule: Any) -> Mutation:
    """The rule for green's application admits something else."""
    return change(INGRESS, APPLICATION, referenced_security_group_id=None, **rule)


def inline(colour: str, **rule: Any) -> Mutation:
    return change(
        GROUP,
        f"{colour}-database_security-group",
        ingress=[{"from_port": 3306, "to_port": 3306, "protocol": "tcp"} | rule],
    )


def in_another_group(document: Document) -> None:
    body(document, CLUSTER, "green")["vpc_security_group_ids"].append("sg-0123456789abcdef0")


def add(type_: str, name: str, /, **arguments: Any) -> Mutation:
    return lambda document: document["resource"].setdefault(type_, {}).update({name: arguments})


def group_of(part: str) -> Any:
    return lambda document: f"${{{GROUP}.{name_like(document, GROUP, part)}.id}}"


def admit_group(part: str) -> Mutation:
    def mutate(document: Document) -> None:
        body(document, INGRESS, APPLICATION)["referenced_security_group_id"] = group_of(part)(document)

    return mutate


def old_style(**rule: Any) -> Mutation:
    """A rule of the older resource type on the group of blue's database."""

    def mutate(document: Document) -> None:
        add(
            "aws_security_group_rule",
            "partner",
            type="ingress",
            from_port=3306,
            to_port=3306,
            protocol="tcp",
            security_group_id=group_of("blue-database_security-group")(document),
            **rule,
        )(document)

    return mutate


def public_subnet(document: Document) -> None:
    """The second subnet of green's database is a public one."""
    subnet = name_like(document, "aws_subnet", "public-us-east-1b")
    body(document, "aws_db_subnet_group", "green")["subnet_ids"][1] = f"${{aws_subnet.{subnet}.id}}"


def route_to_the_internet(document: Document) -> None:
    """The route table of the database subnets leads to the internet gateway."""
    table, gateway = (
        name_like(document, type_, part)
        for type_, part in (("aws_route_table", "database"), ("aws_internet_gateway", ""))
    )
    document["resource"]["aws_route"]["out"] = {
        "route_table_id": f"${{aws_route_table.{table}.id}}",
        "destination_cidr_block": EVERYWHERE,
        "gateway_id": f"${{aws_internet_gateway.{gateway}.id}}",
    }


def cluster(policy: str, colour: str, **arguments: Any) -> tuple[Mutation, Any]:
    return change(CLUSTER, colour, **arguments), on(policy, CLUSTER, colour)


def instance(policy: str, part: str, **arguments: Any) -> tuple[Mutation, Any]:
    return change(INSTANCE, part, **arguments), on(policy, INSTANCE, part)


RULES = [
    Mutant(
        "network larger than the VPC", admit(cidr_ipv4="10.0.0.0/8"), on("CKV_BG_114", INGRESS, APPLICATION)
    ),
    Mutant("network beside the VPC", admit(cidr_ipv4="10.21.0.0/16"), on("CKV_BG_114", INGRESS, APPLICATION)),
    Mutant(
        "database open to the world in IPv6",
        admit(cidr_ipv6="::/0"),
        also(on("CKV_BG_55", INGRESS, APPLICATION), on("CKV_BG_114", INGRESS, APPLICATION)),
    ),
    Mutant(
        "rotation's rule admits the world",
        change(
            INGRESS, "green-database_green-rotation", referenced_security_group_id=None, cidr_ipv4=EVERYWHERE
        ),
        also(
            on("CKV_BG_55", INGRESS, "green-database_green-rotation"),
            on("CKV_BG_114", INGRESS, "green-database_green-rotation"),
        ),
    ),
    Mutant(
        "network that can't be seen", admit(cidr_ipv4="${var.office}"), on("CKV_BG_114", INGRESS, APPLICATION)
    ),
    Mutant(
        "a prefix list from elsewhere", admit(prefix_list_id="pl-1"), on("CKV_BG_114", INGRESS, APPLICATION)
    ),
    Mutant(
        "a prefix list with an office in it",
        both(
            add(
                "aws_ec2_managed_prefix_list",
                "offices",
                name="offices",
                address_family="IPv4",
                max_entries=1,
                entry=[{"cidr": "198.51.100.0/24"}],
            ),
            admit(prefix_list_id="${aws_ec2_managed_prefix_list.offices.id}"),
        ),
        on("CKV_BG_114", INGRESS, APPLICATION),
    ),
    Mutant(
        "load balancer straight to the database",
        admit_group("load-balancer"),
        on("CKV_BG_114", INGRESS, APPLICATION),
    ),
    Mutant(
        "office in an inline rule of blue",
        inline("blue", cidr_blocks=["10.20.0.0/16", "203.0.113.0/24"]),
        on("CKV_BG_114", GROUP, "blue-database_security-group"),
    ),
    Mutant(
        "world in an inline rule of green, in IPv6",
        inline("green", ipv6_cidr_blocks=["::/0"]),
        also(
            on("CKV_BG_55", GROUP, "green-database_security-group"),
            on("CKV_BG_114", GROUP, "green-database_security-group"),
        ),
    ),
    Mutant(
        "a partner in an old-style rule",
        old_style(cidr_blocks=["203.0.113.7/32"]),
        on("CKV_BG_114", "aws_security_group_rule", "partner"),
    ),
    Mutant(
        "database in a public subnet",
        public_subnet,
        also(
            on("CKV_BG_116", "aws_db_subnet_group", "green"),
            on("CKV2_BG_403", "aws_route", "public-internet"),
        ),
    ),
    Mutant(
        "database subnets made public",
        route_to_the_internet,
        also(on("CKV_BG_116", "aws_db_subnet_group"), on("CKV2_BG_403", "aws_route", "out")),
    ),
    *(
        Mutant(
            name,
            change(CLUSTER, colour, vpc_security_group_ids=groups),
            also(
                on("CKV_BG_115", CLUSTER, colour),
                on("CKV_BG_410", "aws_secretsmanager_secret_rotation", f"{colour}-credentials"),
            ),
        )
        for name, colour, groups in (
            ("cluster without security group", "green", None),
            ("cluster with no security groups", "blue", []),
        )
    ),
    Mutant("cluster in another stack's group, too", in_another_group, on("CKV_BG_115", CLUSTER, "green")),
    Mutant(
        "second instance public",
        *instance("CKV_BG_130", "green-database_instance-2", publicly_accessible=True),
    ),
    Mutant(
        "first instance public, as text",
        *instance("CKV_BG_130", "blue-database_instance-1", publicly_accessible="true"),
    ),
    Mutant(
        "instance that leaves it to RDS",
        *instance("CKV_BG_130", "blue-database_instance-2", publicly_accessible=None),
    ),
]

MUTANTS = alone(
    RULES,
    "a prefix list from elsewhere",
    "a prefix list with an office in it",
    "load balancer straight to the database",
    "cluster without security group",
    "cluster with no security groups",
)
