"""Blue and green each have credentials in Secrets Manager."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.data._databases import CLUSTER, COLOURS, SECRET


class EachColourHasCredentials(StackPolicy):
    policy = "CKV2_BG_104"
    title = "There is a secret for the application of each colour"
    requirement = "R04"
    pci = "8.6.3"
    severity = "CRITICAL"
    why = (
        "An application without a secret of its own has its password somewhere else, or shares one, and then "
        "rotating one colour breaks the other"
    )
    fix = "add an aws_secretsmanager_secret for each colour, and an aws_secretsmanager_secret_rotation for it"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        wanted = max(COLOURS, len(stack.resources(CLUSTER)))
        if (there := len(stack.resources(SECRET))) < wanted:
            yield None, f"has {there or 'no'} secrets for {wanted} databases"


check = EachColourHasCredentials()
