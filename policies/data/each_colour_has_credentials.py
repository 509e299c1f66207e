"""Blue and green each have credentials in Secrets Manager."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.data._administrators import Administrators
from policies.data._databases import CLUSTER, COLOURS, SECRET
from policies.data._rotation import ROTATION, functions
from policies.ledger._ledger import Ledger


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
        administrators = stack.derived(Administrators)
        own = [
            secret
            for secret in stack.resources(SECRET)
            if not _is_of_the_ledger(secret) and not administrators.of(f"${{{secret.key}.arn}}")
        ]
        if (there := len(own)) < wanted:
            yield None, f"has {there or 'no'} secrets for {wanted} databases"


def _is_of_the_ledger(secret: Block) -> bool:
    """Whether it is an account of the ledger's own: a function that is told of both databases rotates it."""
    movers = secret.stack.derived(Ledger).movers
    rotations = secret.stack.users(secret, "secret_id", ROTATION)
    return any(function in movers for rotation in rotations for function in functions(rotation))


check = EachColourHasCredentials()
