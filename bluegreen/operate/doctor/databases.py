"""The databases: engine version and instance class can be ordered in each zone that has an instance.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html
"""

from collections import defaultdict
from collections.abc import Iterator

from bluegreen.operate.doctor.findings import Answer, Check, failed, passed
from bluegreen.operate.doctor.subject import Subject

Order = tuple[str, str, str]  # engine, its version, class of the instance


def orderable(subject: Subject) -> Iterator[Answer]:
    """Of each engine version and class that the stack names."""
    for (engine, version, class_), zones in sorted(_orders(subject).items()):
        options = subject.pages(
            "rds",
            "describe_orderable_db_instance_options",
            "OrderableDBInstanceOptions",
            Engine=engine,
            EngineVersion=version,
            DBInstanceClass=class_,
            Vpc=True,
        )
        there = {zone["Name"] for option in options for zone in option["AvailabilityZones"]}
        needed = f"{class_} of {engine} {version} in {', '.join(sorted(zones))}"
        missing = sorted(zones - there)
        if not missing:
            yield passed(f"orderable in {', '.join(sorted(zones))}", needed=needed)
            continue
        fix = "set another engine_version or instance_class in [colours.COLOUR.database]"
        if there:
            fix += f", or availability_zones of: {', '.join(sorted(there))}"
        found = f"not in {', '.join(missing)}" if there else "this version and class together nowhere"
        yield failed(found, fix, needed=needed)


def _orders(subject: Subject) -> dict[Order, set[str]]:
    """What is ordered, and in which zones; an instance without a zone may be placed in any of the stack's."""
    found: dict[Order, set[str]] = defaultdict(set)
    for instance in subject.stack.resources("aws_rds_cluster_instance"):
        for cluster in instance.refers("cluster_identifier", "aws_rds_cluster"):
            order = (cluster.get("engine"), cluster.get("engine_version"), instance.get("instance_class"))
            zone = instance.get("availability_zone")
            found[order] |= {zone} if zone else set(subject.zones)
    return found


CHECKS = (
    Check("database", "orderable in each zone", ("rds:DescribeOrderableDBInstanceOptions",), orderable),
)
