"""A VPC resolves names, and a flow log records all of its traffic."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy

VPC, LOG = "aws_vpc", "aws_flow_log"
# Who reached what, when, and whether it was let through. Source: VPC user guide, "Flow log records".
FIELDS = frozenset(
    {"action", "dstaddr", "dstport", "end", "interface-id", "protocol", "srcaddr", "srcport", "start"}
)
_DEFAULT = "aws_default_security_group"  # VPC guide, "Default security groups": they admit their members


class NetworkIsRecorded(ResourcePolicy):
    policy = "CKV_BG_405"
    title = "Each VPC has DNS, an empty default group and a flow log, which records all traffic of its VPC"
    requirement = None
    pci = "10.2.1"
    severity = "MEDIUM"
    why = (
        "Without DNS the endpoints' names lead out through the internet; a flow log of refused packets shows "
        "no payment data that left"
    )
    fix = (
        "set enable_dns_hostnames and enable_dns_support = true on the VPC, add an "
        "aws_default_security_group without rules and an aws_flow_log with vpc_id and traffic_type = ALL"
    )
    types = (VPC, LOG)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == VPC:
            if not is_true(resource.get("enable_dns_hostnames")):
                yield "has no DNS names"
            if resource.get("enable_dns_support") is not None and not is_true(
                resource.get("enable_dns_support")
            ):
                yield "has no DNS resolver"
            if not any(True for _ in resource.stack.users(resource, "vpc_id", _DEFAULT)):
                yield "leaves its default security group open among its members"
            if not any(True for _ in resource.stack.users(resource, "vpc_id", LOG)):
                yield "has no flow log"
            return
        if resource.get("traffic_type") != "ALL":
            yield f"records {resource.get('traffic_type') or 'no'} traffic only"
        given = set(re.findall(r"\{([\w-]+)\}", str(resource.get("log_format") or "")))
        if given and (missing := sorted(FIELDS - given)):
            yield f"records no {', '.join(missing)}"
        others = [log for log in resource.stack.resources(LOG) if log.get("vpc_id")]
        if not others and (resource.get("subnet_id") or resource.get("eni_id")):
            yield "records a part of the VPC only"


check = NetworkIsRecorded()
