"""Which roles the stack gives which secrets."""

from fnmatch import fnmatchcase

from stack_gate.stack import Block, Stack

from policies import _iam
from policies._arns import Arns

SECRET = "aws_secretsmanager_secret"  # noqa: S105 - a type


class SecretRights:
    """Which roles the stack gives which secrets."""

    def __init__(self, stack: Stack) -> None:
        self._statements = {
            role.key: (role, stack.derived(_iam.Roles).of(role)) for role in stack.resources("aws_iam_role")
        }

    def names(self, role: Block, secret: Block) -> bool:
        """Whether a role's own policies refer to a secret."""
        named = [text for statement in self._statements[role.key][1] for text in _iam.resources(statement)]
        return secret in secret.stack.referred(named, SECRET)

    def users(self, secret: Block, action: str) -> list[Block]:
        """The roles whose own policies name the secret for an action."""
        return [
            role
            for role, statements in self._statements.values()
            if any(
                _iam.allows(statement, action) and is_named(secret, _iam.resources(statement))
                for statement in statements
            )
        ]


def is_named(secret: Block, resources: list[str]) -> bool:
    """By reference, or by a pattern of its ARN."""
    arns = secret.stack.derived(Arns)
    return secret in secret.stack.referred(resources, SECRET) or any(
        fnmatchcase(arns.of(secret), arns.put(text)) for text in resources if text.startswith("arn:")
    )
