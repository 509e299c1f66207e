"""Terraform creates secrets without their values."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import is_literal


class SecretValueIsNotInTerraform(ResourcePolicy):
    policy = "CKV_BG_120"
    title = "No version of a secret has its value from Terraform"
    requirement = "R17"
    pci = "8.6.2"
    profiles = ("general",)
    severity = "CRITICAL"
    why = (
        "The value is in the state, in plain text, and an apply puts it back over the one that rotation made"
    )
    fix = (
        "take the aws_secretsmanager_secret_version out and have the first rotation write the value, or use "
        "secret_string_wo with an ephemeral resource"
    )
    types = ("aws_secretsmanager_secret_version",)

    def defects(self, resource: Block) -> Iterator[str]:
        for argument in ("secret_string", "secret_binary"):
            if resource.get(argument):
                yield f"has a {argument}"
        if is_literal(resource.get("secret_string_wo")):
            yield "has a literal secret_string_wo"


check = SecretValueIsNotInTerraform()
