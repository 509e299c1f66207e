"""Quotas: what applies, less what is used, against what an apply would add.

Codes: AWS General Reference, "Service endpoints and quotas" of each service.
https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from stack_gate.stack import Block, number

from bluegreen.operate.doctor.findings import Answer, Check, failed, passed
from bluegreen.operate.doctor.subject import Subject

CPU_UNITS = 1024  # of a vCPU
GONE = {"deleted", "failed"}
# Has to stay unreserved, where the account has that much (Lambda API reference, PutFunctionConcurrency).
UNRESERVED = 100
USAGE_HOURS = 24
QUOTA_READ = ("servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota")


@dataclass(frozen=True)
class Demand:
    """`used`: in the account now; `added`: by an apply. `where`: of one zone, say."""

    used: float
    added: float
    where: str = ""


@dataclass(frozen=True)
class Quota:
    """One quota and what counts towards it."""

    name: str
    service: str
    code: str
    unit: str
    demands: Callable[[Subject, Mapping[str, Any]], Iterator[Demand]]
    permissions: tuple[str, ...]

    def check(self) -> Check:
        """As a check."""
        return Check(
            f"quota: {self.name}", f"enough {self.unit}", (*QUOTA_READ, *self.permissions), self.look
        )

    def look(self, subject: Subject) -> Iterator[Answer]:
        """The tightest demand decides."""
        quota = described(subject, self.service, self.code)
        limit = quota["Value"]
        tightest = max(self.demands(subject, quota), key=lambda demand: demand.used + demand.added)
        total = tightest.used + tightest.added
        found = f"{_plain(limit - tightest.used)} of {_plain(limit)} free{tightest.where}"
        needed = f"{_plain(tightest.added)} more {self.unit}"
        if total <= limit or not tightest.added:
            yield passed(found, needed=needed)
        else:
            yield failed(found, increase(subject, self.service, self.code, total), needed=needed)


def described(subject: Subject, service: str, code: str) -> Mapping[str, Any]:
    """The quota that applies; where AWS has no applied one, its default."""
    client = subject.client("service-quotas")
    try:
        found: dict[str, Any] = client.get_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
    except client.exceptions.NoSuchResourceException:
        found = client.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]
    return found


def increase(subject: Subject, service: str, code: str, wanted: float) -> str:
    """The command that asks AWS for more."""
    return (
        f"aws service-quotas request-service-quota-increase --region {subject.region} "
        f"--service-code {service} --quota-code {code} --desired-value {_plain(wanted)}"
    )


def _plain(value: float) -> str:
    return f"{value:g}"


def _counted(type_: str, service: str, operation: str, result: str) -> Callable[..., Iterator[Demand]]:
    """All that an operation lists, and the resources of a type that an apply would create."""

    def demands(subject: Subject, _: Mapping[str, Any]) -> Iterator[Demand]:
        yield Demand(len(subject.pages(service, operation, result)), len(subject.added(type_)))

    return demands


def _addresses(subject: Subject, _: Mapping[str, Any]) -> Iterator[Demand]:
    used = subject.client("ec2").describe_addresses()["Addresses"]  # it has no pages
    yield Demand(len(used), len(subject.added("aws_eip")))


def _balancers(subject: Subject, _: Mapping[str, Any]) -> Iterator[Demand]:
    used = subject.pages("elbv2", "describe_load_balancers", "LoadBalancers")
    applications = [one for one in used if one["Type"] == "application"]
    yield Demand(len(applications), len(subject.added("aws_lb")))


def _nat_gateways(subject: Subject, _: Mapping[str, Any]) -> Iterator[Demand]:
    """In each zone: gateways that are pending, available or being deleted count."""
    subnets = {
        one["SubnetId"]: one["AvailabilityZone"]
        for one in subject.pages("ec2", "describe_subnets", "Subnets")
    }
    gateways = subject.pages("ec2", "describe_nat_gateways", "NatGateways")
    used = Counter(subnets.get(one["SubnetId"], "") for one in gateways if one["State"] not in GONE)
    added = Counter(
        str(subnet.get("availability_zone"))
        for gateway in subject.added("aws_nat_gateway")
        for subnet in gateway.refers("subnet_id", "aws_subnet")
    )
    for zone in subject.zones:
        yield Demand(used[zone], added[zone], f" in {zone}")


def _vcpus(subject: Subject, quota: Mapping[str, Any]) -> Iterator[Demand]:
    """What others use, and all tasks that auto scaling may start: the deployment's own don't count twice."""
    services = subject.stack.resources("aws_ecs_service")
    used = _metered(subject, quota)
    own = sum(_running(subject, service) * _vcpus_of(service) for service in services)
    ceiling = sum(_most_tasks(service) * _vcpus_of(service) for service in services)
    yield Demand(max(0, used - own), ceiling)


def _metered(subject: Subject, quota: Mapping[str, Any]) -> float:
    """The most of a day, by the metric that the quota names. No data: none is used."""
    usage = quota.get("UsageMetric")
    if not usage:
        return 0
    now = datetime.now(UTC)
    statistic = usage.get("MetricStatisticRecommendation", "Maximum")
    points = subject.client("cloudwatch").get_metric_statistics(
        Namespace=usage["MetricNamespace"],
        MetricName=usage["MetricName"],
        Dimensions=[{"Name": name, "Value": value} for name, value in usage["MetricDimensions"].items()],
        StartTime=now - timedelta(hours=USAGE_HOURS),
        EndTime=now,
        Period=3600,
        Statistics=[statistic],
    )["Datapoints"]
    return max((point[statistic] for point in points), default=0)


def _running(subject: Subject, service: Block) -> int:
    there = subject.attributes(service)
    if not there:
        return 0
    answer = subject.client("ecs").describe_services(cluster=there["cluster"], services=[there["name"]])
    return sum(one["runningCount"] for one in answer["services"])


def _vcpus_of(service: Block) -> float:
    definitions = service.refers("task_definition", "aws_ecs_task_definition")
    return sum((number(one.get("cpu")) or 0) / CPU_UNITS for one in definitions)


def _most_tasks(service: Block) -> float:
    scaled = service.stack.users(service, "resource_id", "aws_appautoscaling_target")
    ceilings = [number(target.get("max_capacity")) or 0 for target in scaled]
    return max(ceilings, default=number(service.get("desired_count")) or 0)


def concurrency(subject: Subject) -> Iterator[Answer]:
    """Lambda's own account settings: what is unreserved, less the floor."""
    limits = subject.client("lambda").get_account_settings()["AccountLimit"]
    total, unreserved = limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]
    free = unreserved - min(UNRESERVED, total)
    functions = subject.added("aws_lambda_function")
    added = sum(max(0, number(one.get("reserved_concurrent_executions")) or 0) for one in functions)
    found, needed = f"{free} of {total} may be reserved", f"{_plain(added)} more reserved executions"
    if added <= max(0, free):
        yield passed(found, needed=needed)
        return
    more = increase(subject, "lambda", "L-B99A9384", total + added - free)
    yield failed(found, f"{more}, or set [functions] reserved_concurrency = 0", needed=needed)


QUOTAS = (
    Quota("Elastic IPs", "ec2", "L-0263D0A3", "addresses", _addresses, ("ec2:DescribeAddresses",)),
    Quota(
        "NAT gateways",
        "vpc",
        "L-FE5A380F",
        "gateways in a zone",
        _nat_gateways,
        ("ec2:DescribeNatGateways", "ec2:DescribeSubnets"),
    ),
    Quota(
        "VPCs",
        "vpc",
        "L-F678F1CE",
        "VPCs",
        _counted("aws_vpc", "ec2", "describe_vpcs", "Vpcs"),
        ("ec2:DescribeVpcs",),
    ),
    Quota(
        "Fargate vCPUs",
        "fargate",
        "L-3032A538",
        "vCPUs for the most tasks of both colours",
        _vcpus,
        ("cloudwatch:GetMetricStatistics", "ecs:DescribeServices"),
    ),
    Quota(
        "load balancers",
        "elasticloadbalancing",
        "L-53DA6B97",
        "load balancers",
        _balancers,
        ("elasticloadbalancing:DescribeLoadBalancers",),
    ),
    Quota(
        "database clusters",
        "rds",
        "L-952B80B8",
        "clusters",
        _counted("aws_rds_cluster", "rds", "describe_db_clusters", "DBClusters"),
        ("rds:DescribeDBClusters",),
    ),
    Quota(
        "database instances",
        "rds",
        "L-7B6409FD",
        "instances",
        _counted("aws_rds_cluster_instance", "rds", "describe_db_instances", "DBInstances"),
        ("rds:DescribeDBInstances",),
    ),
)
CHECKS = (
    *(quota.check() for quota in QUOTAS),
    Check("Lambda concurrency", "enough to reserve", ("lambda:GetAccountSettings",), concurrency),
)
