"""Who is let into a database, by security groups."""

from stack_gate.stack import Block

from bluegreen.diagram.scene import Scene

DATABASES = ("aws_rds_cluster", "aws_db_instance")
GROUP, INGRESS = "aws_security_group", ("aws_vpc_security_group_ingress_rule", "aws_security_group_rule")


def groups_of(scene: Scene, database: Block) -> list[Block]:
    """The security groups that a database is in."""
    return scene.stack.referred(database.body.get("vpc_security_group_ids"), GROUP)


def admitted(scene: Scene, database: Block) -> list[Block]:
    """The security groups that the database's own let in."""
    own = groups_of(scene, database)
    rules = [rule for group in own for rule in scene.stack.referrers(group, *INGRESS)]
    return [group for group in scene.stack.referred([r.body for r in rules], GROUP) if group not in own]


def queries_a_database(scene: Scene, function: Block) -> bool:
    """Whether a database lets the function in."""
    own = scene.stack.referred(function.blocks("vpc_config"), GROUP)
    return any(
        group in own for database in scene.stack.resources(*DATABASES) for group in admitted(scene, database)
    )
