"""A secret's policy admits the roles that use the secret, and no others."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from iam_evaluation import Caller, Policy
from policies._arns import Arns
from policies._evaluation import decided, parsed
from policies._policy import StackPolicy
from policies.data._secret_rights import SECRET, SecretRights

POLICY = "aws_secretsmanager_secret_policy"
READ, WRITE = "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"


class SecretPolicyAdmitsItsUsers(StackPolicy):
    policy = "CKV2_BG_447"
    title = "The policy of each secret admits the roles whose own policies use it, and no other role"
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    yields = True
    why = (
        "A role that is given secretsmanager:* later reads every password; or a task or a rotation is refused"
    )
    fix = (
        "deny secretsmanager:GetSecretValue and PutSecretValue to all roles but those that are given them "
        "(ArnNotEquals aws:PrincipalArn)"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        rights = SecretRights(stack)
        for secret in stack.resources(SECRET):
            for owner in stack.users(secret, "secret_arn", POLICY):
                yield from ((owner, what) for what in _wrong(owner, secret, rights))


def _wrong(owner: Block, secret: Block, rights: SecretRights) -> Iterator[str]:
    arns = secret.stack.derived(Arns)
    try:
        own = parsed(owner.get("policy"), secret.stack)
    except ValueError as error:
        yield f"has a policy that can't be evaluated: {error}"
        return
    for action in (READ, WRITE):
        users = rights.users(secret, action)
        for role in users:  # who has it by a pattern may do without
            if rights.names(role, secret) and not _may(own, Caller.role(arns.of(role)), action, secret):
                yield f"refuses {action} to {role.address}, whose own policy has it"
        others = [role for role in secret.stack.resources("aws_iam_role") if role not in users]
        callers = {role.address: arns.of(role) for role in others} | {"any other role": arns.role("other")}
        for name, arn in callers.items():
            if _may(own, Caller.role(arn), action, secret):
                yield f"allows {action} to {name}, which the stack does not give it"
                break


def _may(own: Policy, caller: Caller, action: str, secret: Block) -> bool:
    return decided(own, caller, action, secret.stack.derived(Arns).of(secret)).allowed


check = SecretPolicyAdmitsItsUsers()
