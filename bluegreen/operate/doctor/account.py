"""The account: who asks, its region and zones, the clock that signs, its service-linked roles."""

from collections.abc import Iterator

from bluegreen.operate.doctor.findings import Answer, Check, failed, passed
from bluegreen.operate.doctor.subject import Subject, listed

# Signature Version 4 refuses requests that are more than five minutes off (IAM user guide, "Elements of an
# AWS API request signature"); a clock that is off by a minute drifts.
CLOCK_SECONDS = 60
SIGNED_SECONDS = 300
# Type of a resource → the service whose role it needs. Each service's guide, "Using service-linked roles".
LINKED = {
    "aws_appautoscaling_target": "ecs.application-autoscaling.amazonaws.com",
    "aws_backup_vault": "backup.amazonaws.com",
    "aws_ecs_cluster": "ecs.amazonaws.com",
    "aws_lb": "elasticloadbalancing.amazonaws.com",
    "aws_networkfirewall_firewall": "network-firewall.amazonaws.com",
    "aws_rds_cluster": "rds.amazonaws.com",
    "aws_wafv2_web_acl_logging_configuration": "wafv2.amazonaws.com",
}
LINKED_PATH = "/aws-service-role/"


def account(subject: Subject) -> Iterator[Answer]:
    """The credentials are of the deployment's account."""
    found = f"{subject.caller.arn}, account {subject.caller.account}"
    needed = f"account {subject.account}"
    if subject.caller.account == subject.account:
        yield passed(found, needed=needed)
    else:
        fix = f"use credentials of account {subject.account}: set AWS_PROFILE, for instance"
        yield failed(found, fix, needed=needed)


def clock(subject: Subject) -> Iterator[Answer]:
    """By the Date header of STS's answer."""
    skew = subject.caller.skew
    if skew is None:
        yield passed("AWS accepts its signatures")  # it refuses those of a wrong clock
    elif abs(skew) <= CLOCK_SECONDS:
        yield passed(f"{abs(skew):.0f} s off")
    else:
        where = "ahead of" if skew > 0 else "behind"
        yield failed(f"{abs(skew):.0f} s {where} AWS's clock", "synchronise this machine's clock (NTP)")


def region(subject: Subject) -> Iterator[Answer]:
    """The account has switched it on."""
    needed = f"{subject.region} enabled"
    answer = subject.client("ec2").describe_regions(AllRegions=True, RegionNames=[subject.region])
    status = next((one["OptInStatus"] for one in answer["Regions"]), "unknown to AWS")
    if status in {"opted-in", "opt-in-not-required"}:
        yield passed(f"{subject.region}: {status}", needed=needed)
    else:
        fix = f"aws account enable-region --region-name {subject.region}"
        yield failed(f"{subject.region}: {status}", fix, needed=needed)


def zones(subject: Subject) -> Iterator[Answer]:
    """By name, and by id, which means the same place in every account."""
    described = subject.client("ec2").describe_availability_zones()["AvailabilityZones"]
    ids = {zone["ZoneName"]: zone["ZoneId"] for zone in described if zone["State"] == "available"}
    missing = [zone for zone in subject.zones if zone not in ids]
    needed = ", ".join(subject.zones)
    if not missing:
        yield passed(", ".join(f"{zone} ({ids[zone]})" for zone in subject.zones), needed=needed)
    else:
        fix = f"set availability_zones to three of: {', '.join(sorted(ids))}"
        yield failed(f"not available: {', '.join(missing)}", fix, needed=needed)


def linked_roles(subject: Subject) -> Iterator[Answer]:
    """Services create them by themselves only for a caller that may create roles."""
    needed = {service for type_, service in LINKED.items() if subject.stack.resources(type_)}
    roles = subject.pages("iam", "list_roles", "Roles", PathPrefix=LINKED_PATH)
    there = {role["Path"].removeprefix(LINKED_PATH).strip("/") for role in roles}
    missing = sorted(needed - there)
    if not missing:
        yield passed(f"{len(needed)} of {len(needed)}", needed=listed(sorted(needed), len(needed)))
        return
    fix = "; ".join(f"aws iam create-service-linked-role --aws-service-name {name}" for name in missing)
    yield failed(f"missing: {', '.join(missing)}", fix, needed=listed(sorted(needed), len(needed)))


CHECKS = (
    Check("account", "the deployment's account", ("sts:GetCallerIdentity",), account),
    Check("clock", f"within {CLOCK_SECONDS} s of AWS's", ("sts:GetCallerIdentity",), clock),
    Check("region", "enabled in the account", ("ec2:DescribeRegions",), region),
    Check("zones", "each available", ("ec2:DescribeAvailabilityZones",), zones),
    Check("service-linked roles", "one of each service that needs one", ("iam:ListRoles",), linked_roles),
)
