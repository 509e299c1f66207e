"""No secret stays the same."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import SECRET
from policies.data._rotation import ROTATION


class SecretRotates(ResourcePolicy):
    policy = "CKV_BG_100"
    title = "Each secret rotates"
    requirement = "R04"
    pci = "8.6.3"
    severity = "CRITICAL"
    why = "A password that leaked once, in a log or with a former employee, opens the database for ever"
    fix = "add an aws_secretsmanager_secret_rotation with this secret as its secret_id"
    types = (SECRET,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not any(resource.stack.users(resource, "secret_id", ROTATION)):
            yield "does not rotate"


check = SecretRotates()
