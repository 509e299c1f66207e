"""Security groups and the rules between them: always standalone rules, always group to group where both ends
are ours.
"""

from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule
from constructs import Construct

from modules.config.network import Egress

HTTPS = 443
ANYWHERE = "0.0.0.0/0"


def security_group(
    scope: Construct, id_: str, *, name: str, description: str, vpc_id: str, colour: str | None = None
) -> SecurityGroup:
    """A group without rules: it neither admits nor reaches anything until `allow` says so.

    `colour`: None where both use it.
    """
    tags = {"Name": name} | ({"Colour": colour} if colour else {})
    return SecurityGroup(scope, id_, name=name, description=description, vpc_id=vpc_id, tags=tags)


def allow(
    scope: Construct,
    id_: str,
    *,
    source: SecurityGroup,
    destination: SecurityGroup,
    port: int,
    description: str,
) -> tuple[VpcSecurityGroupEgressRule, VpcSecurityGroupIngressRule]:
    """Lets members of `source` open TCP connections to `port` of members of `destination`: one rule at each
    end, both returned.
    """
    source_id, destination_id = source.id, destination.id
    outwards = VpcSecurityGroupEgressRule(
        scope,
        f"{id_}-egress",
        security_group_id=source_id,
        referenced_security_group_id=destination_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
    )
    inwards = VpcSecurityGroupIngressRule(
        scope,
        f"{id_}-ingress",
        security_group_id=destination_id,
        referenced_security_group_id=source_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
    )
    return outwards, inwards


def allow_prefix_list(
    scope: Construct, id_: str, *, source: SecurityGroup, prefix_list_id: str, port: int, description: str
) -> None:
    """Lets members of `source` open TCP connections to `port` of the networks of a prefix list."""
    VpcSecurityGroupEgressRule(
        scope,
        id_,
        security_group_id=source.id,
        prefix_list_id=prefix_list_id,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
    )


def reach_outside(scope: Construct, id_: str, *, source: SecurityGroup, egress: Egress) -> None:
    """Lets members of `source` open TCP connections to one destination outside the VPC.

    A host has any address: the network firewall, without which there is none, looks for its name.
    """
    cidr = ANYWHERE if egress.domain else egress.cidr
    VpcSecurityGroupEgressRule(
        scope,
        id_,
        security_group_id=source.id,
        cidr_ipv4=str(cidr) if cidr else None,
        prefix_list_id=egress.prefix_list,
        ip_protocol="tcp",
        from_port=egress.port,
        to_port=egress.port,
        description=f"{egress.domain}: {egress.reason}"[:255] if egress.domain else egress.reason,
    )


def admit_network(
    scope: Construct, id_: str, *, group: SecurityGroup, cidr: str, port: int, description: str
) -> VpcSecurityGroupIngressRule:
    """Lets an IPv4 network open TCP connections to `port` of members of `group`."""
    return VpcSecurityGroupIngressRule(
        scope,
        id_,
        security_group_id=group.id,
        cidr_ipv4=cidr,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=description,
    )
