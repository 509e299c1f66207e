"""Grants of KMS keys.

Source: KMS Developer Guide, "Grants in AWS KMS", "Creating grants" (constraints: exact, case-sensitive;
ignored for DescribeKey and RetireGrant), "Troubleshooting key access" (a grant counts beside key policy and
IAM policies; it can't deny).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from iam_evaluation.context import ContextValue
from iam_evaluation.principals import Principals, parse_principals

CONTEXT_PREFIX = "kms:encryptioncontext:"
_UNCONSTRAINED = frozenset({"describekey", "retiregrant", "creategrant"})


@dataclass(frozen=True)
class Grant:
    """A grant of the key that a request is about.

    grantee: ARN of a role, user, session or account root; or a service principal
    operations: as in CreateGrant, such as Decrypt, ReEncryptFrom
    context_equals, context_subset: constraints on the encryption context; what grants made by CreateGrant
        have to carry in turn, the service has to check
    """

    id: str
    grantee: str
    operations: frozenset[str]
    context_equals: Mapping[str, str] | None = None
    context_subset: Mapping[str, str] | None = None

    @cached_property
    def principals(self) -> Principals:
        """The grantee."""
        return parse_principals({"AWS" if self.grantee.startswith("arn:") else "Service": self.grantee})

    def covers(self, action: str, context: Mapping[str, ContextValue]) -> bool:
        """`action` in lower case; `context`: names as the request has them."""
        operation = action.removeprefix("kms:")
        if operation not in {known.lower() for known in self.operations}:
            return False
        if operation in _UNCONSTRAINED:
            return True
        pairs = {
            key[len(CONTEXT_PREFIX) :]: value
            for key, value in context.items()
            if key.lower().startswith(CONTEXT_PREFIX)
        }
        if self.context_equals is not None and pairs != dict(self.context_equals):
            return False
        return self.context_subset is None or self.context_subset.items() <= pairs.items()
