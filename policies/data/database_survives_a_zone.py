"""A database goes on when a zone is lost."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true, listed, number

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER_INSTANCE, DATABASES, STAND_ALONE

ENOUGH = 2
ZONES = 3  # RDS API reference, CreateDBCluster: Aurora adds those that are missing


class DatabaseSurvivesAZone(ResourcePolicy):
    policy = "CKV_BG_128"
    title = "Each cluster has two instances in different zones"
    requirement = "R22"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "With one instance, or one zone, payments stop for as long as AWS takes to build another"
    fix = "add an aws_rds_cluster_instance to the cluster, and give each an availability_zone of its own"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == STAND_ALONE:
            if not is_true(resource.get("multi_az")):
                yield "is one instance in one zone"
            return
        if resource.get("db_cluster_instance_class"):
            return  # a Multi-AZ cluster of RDS: always three instances in three zones
        named = listed(resource.get("availability_zones"))
        if named and len(set(map(str, named))) < ZONES:
            yield f"names {len(named)} of {ZONES} zones of its storage: each apply replaces it"
        instances = list(resource.stack.users(resource, "cluster_identifier", CLUSTER_INSTANCE))
        count = sum(int(number(instance.get("count")) or 1) for instance in instances)
        zones = {str(zone) for instance in instances if (zone := instance.get("availability_zone"))}
        unnamed = [instance.address for instance in instances if not instance.get("availability_zone")]
        if count < ENOUGH:
            yield f"has {'one instance' if count else 'no instances'}"
        elif len(zones) < ENOUGH:
            yield (
                f"leaves the zone of {', '.join(unnamed)} to chance"
                if unnamed
                else f"is in {zones.pop()} alone"
            )


check = DatabaseSurvivesAZone()
