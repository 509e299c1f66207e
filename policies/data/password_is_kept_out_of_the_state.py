"""Terraform never keeps an administrator's password."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy
from policies.data._databases import DATABASES, is_literal, is_replica


class PasswordIsKeptOutOfTheState(ResourcePolicy):
    policy = "CKV_BG_119"
    title = "The administrator's password of each database is RDS's own, or only written"
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
        managed = is_true(resource.get("manage_master_user_password"))
        if not managed and not write_only and not is_replica(resource):
            yield "neither has RDS keep its administrator's password nor has one that is only written"


check = PasswordIsKeptOutOfTheState()
