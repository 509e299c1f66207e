"""A container gets secrets from where they are kept."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.secrets._literals import is_secret_key
from policies.service._containers import TASK_DEFINITION, containers, variables

# What has the secret itself in an attribute, rather than its name.
_VALUES = ("aws_secretsmanager_secret_version", "random_password", "aws_iam_access_key")


class SecretsAreInjected(ResourcePolicy):
    policy = "CKV_BG_264"
    title = "No container has a secret in its environment: it is injected by its ARN"
    requirement = "R17"
    pci = "8.6.2"
    severity = "CRITICAL"
    why = (
        "The task definition, the plan and the state show it to all their readers, and no rotation reaches it"
    )
    fix = (
        "move the variable from environment to secrets, with valueFrom = the ARN of the Secrets Manager "
        "secret"
    )
    types = (TASK_DEFINITION,)

    def defects(self, resource: Block) -> Iterator[str]:
        for called, container in containers(resource):
            for name, value in variables(container):
                if resource.stack.referred(value, *_VALUES) or is_secret_key(name):
                    yield f"{called} has {name} in its environment"


check = SecretsAreInjected()
