"""Terraform never keeps an administrator's password."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy
from policies.data._administrators import Administrators
from policies.data._databases import DATABASES, is_literal, is_replica

# Type → argument that keeps a password. A secret of administrators may have it.
_KEEPERS = (
    ("aws_rds_cluster", "master_password_wo"), ("aws_db_instance", "password_wo"),
    ("aws_secretsmanager_secret_version", "secret_string_wo"), ("aws_ssm_parameter", "value_wo"),
)  # fmt: skip


class PasswordIsKeptOutOfTheState(ResourcePolicy):
    policy = "CKV_BG_119"
    title = "The administrator's password of each database is RDS's own, or only written, there alone"
    requirement = "R17"
    pci = "8.6.2"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "Wherever a password argument comes from, it is in the state, in plain text, and never changes"
    fix = (
        "set manage_master_user_password = true, or master_password_wo to an ephemeral value, and take the "
        "password argument out"
    )
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        for argument in ("master_password", "password"):
            if resource.get(argument):
                yield f"has a {argument}"
        write_only = [a for a in ("master_password_wo", "password_wo") if resource.get(a)]
        for argument in write_only:
            if is_literal(resource.get(argument)):
                yield f"has a literal {argument}"
            yield from _shared(resource, str(resource.get(argument)))
        managed = is_true(resource.get("manage_master_user_password"))
        if not managed and not write_only and not is_replica(resource):
            yield "neither has RDS keep its administrator's password nor has one that is only written"


def _shared(database: Block, password: str) -> Iterator[str]:
    """What else has the same ephemeral value: another database, a parameter, a secret that tasks read."""
    stack = database.stack
    for type_, argument in _KEEPERS:
        for block in stack.resources(type_) if "ephemeral." in password else ():
            of_administrators = stack.derived(Administrators).of(block.get("secret_id"))
            if block != database and not of_administrators and str(block.get(argument)) == password:
                yield f"has the password that {block.address} has, too"


check = PasswordIsKeptOutOfTheState()
