"""What keeps data: each colour's database and credentials, and the tables."""

from collections.abc import Iterator

from stack_gate.stack import Block

from bluegreen.diagram.model import Kind, Node, Place
from bluegreen.diagram.scene import Scene

CLUSTER, INSTANCE = "aws_rds_cluster", "aws_rds_cluster_instance"
SECRET, ROTATION = "aws_secretsmanager_secret", "aws_secretsmanager_secret_rotation"
STAND_ALONE = "aws_db_instance"
SUBNETS = "aws_db_subnet_group"
PARAMETERS = "aws_rds_cluster_parameter_group"
TLS = "require_secure_transport"


def databases(scene: Scene) -> Iterator[Node]:
    """Clusters, and their instances by zone."""
    for cluster in scene.stack.resources(CLUSTER, STAND_ALONE):
        node = _cluster(scene, cluster)
        yield node
        instances = scene.stack.referrers(cluster, INSTANCE)
        for instance in sorted(instances, key=_order):
            yield _instance(scene, instance, node)


def secrets(scene: Scene) -> Iterator[Node]:
    """Credentials and how they rotate: a box a colour, and one for each that belongs to no colour."""
    together: dict[str, list[Block]] = {}
    for secret in scene.stack.resources(SECRET):
        together.setdefault(scene.colours.of(secret) or secret.address, []).append(secret)
    for colour, found in together.items():
        shared = f"{colour}/" if len(found) > 1 else ""
        rotations = [rotation for secret in found for rotation in scene.stack.referrers(secret, ROTATION)]
        yield scene.node(
            Kind.SECRET,
            Place.DATABASE,
            "Credentials",
            ", ".join(scene.short(secret).removeprefix(shared) for secret in found),
            *dict.fromkeys(_rotated(scene, secret) for secret in found),
            of=[*found, *rotations],
            colour=scene.colours.of(found[0]),
            locked=found,
        )


def _rotated(scene: Scene, secret: Block) -> str:
    rotations = scene.stack.referrers(secret, ROTATION)
    days = [rotation.get("rotation_rules.automatically_after_days") for rotation in rotations]
    schedules = [rotation.get("rotation_rules.schedule_expression") for rotation in rotations]
    every = next((f"rotated every {day} days" for day in days if day), None)
    return every or next((f"rotated: {schedule}" for schedule in schedules if schedule), "not rotated")


def tables(scene: Scene) -> Iterator[Node]:
    """DynamoDB tables: with the data of both colours, or of one."""
    for table in scene.stack.resources("aws_dynamodb_table"):
        recovers = table.flag("point_in_time_recovery.enabled")
        yield scene.node(
            Kind.TABLE,
            Place.DATA,
            f"DynamoDB table {scene.short(table)}",
            "key " + ", ".join(str(table.get(key)) for key in ("hash_key", "range_key") if table.get(key)),
            "recovers to any second" if recovers else "no recovery to a point in time",
            of=[table],
            colour=scene.colours.of(table),
            locked=[table],
        )


def _cluster(scene: Scene, cluster: Block) -> Node:
    groups = scene.stack.referred(cluster.get("db_subnet_group_name"), SUBNETS)
    parameters = scene.stack.referred(cluster.get("db_cluster_parameter_group_name"), PARAMETERS)
    tls = any(
        p.get("name") == TLS and str(p.get("value")).upper() in ("ON", "1")
        for group in parameters
        for p in group.blocks("parameter")
    )
    kept = cluster.get("backup_retention_period")
    subnets = scene.place([group.body.get("subnet_ids") for group in groups])
    return scene.node(
        Kind.CLUSTER,
        subnets or Place.DATABASE,
        _engine(cluster),
        f"port {cluster.get('port') or 3306}"
        + (", TLS required" if tls else "")
        + (f", backups kept {kept} days" if kept else ""),
        of=[cluster, *groups, *parameters],
        colour=scene.colours.of(cluster),
        locked=[cluster],
    )


def _engine(cluster: Block) -> str:
    names = {"aurora-mysql": "Aurora MySQL", "aurora-postgresql": "Aurora PostgreSQL"}
    engine = str(cluster.get("engine") or "database")
    name = names.get(engine, engine)
    version = str(cluster.get("engine_version") or "").rpartition("mysql_aurora.")[2]
    return name if "${" in version else f"{name} {version}".strip()


def _instance(scene: Scene, instance: Block, cluster: Node) -> Node:
    writer = str(instance.get("promotion_tier")) == "0"
    zone = instance.get("availability_zone")
    return scene.node(
        Kind.INSTANCE,
        cluster.place,
        "Writer" if writer else "Reader",
        instance.get("instance_class"),
        str(zone) if zone else None,
        of=[instance],
        colour=cluster.colour,
        parent=cluster,
        zone=str(zone) if zone else None,
    )


def _order(instance: Block) -> tuple[int, str]:
    tier = str(instance.get("promotion_tier"))
    return int(tier) if tier.isdecimal() else 99, instance.address
