"""Which secrets the roles of a service may read, and where that is said."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from stack_gate.stack import Block, Body, Stack

from policies import _iam
from policies.data._databases import CLUSTER, SECRET
from policies.ledger._access import colour
from policies.service._containers import SERVICE, TASK_DEFINITION, containers

READ = "secretsmanager:GetSecretValue"
ROLE, SECRET_POLICY = "aws_iam_role", "aws_secretsmanager_secret_policy"
ROLES = ("task_role_arn", "execution_role_arn")
_SUFFIX = "-AbCdEf"  # Secrets Manager ends the ARN of a secret with a hyphen and six characters
_POLICIES = ("aws_iam_role_policy", "aws_iam_policy", "aws_iam_role")
_ATTACHMENTS = ("aws_iam_role_policy_attachment", "aws_iam_policy_attachment")


@dataclass(frozen=True)
class Reading:
    """A service of a colour may read a secret; `where` says so. A cluster stands for its administrator's."""

    colour: str
    secret: Block
    where: Block


class Readings:
    """All of one stack; `own`: each colour's application secret, by key."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._tasks = {
            task.key: (task, said)
            for service in stack.resources(SERVICE)
            for task in service.refers("task_definition", TASK_DEFINITION)
            if (said := colour(service))
        }
        self.own = {
            secret.key: said for task, said in self._tasks.values() for secret in _injected(task, said)
        }

    def all(self) -> Iterator[Reading]:
        """By what a role is given, by what a secret admits, and by what a task is injected."""
        for task, said in self._tasks.values():
            roles = [role for argument in ROLES for role in task.refers(argument, ROLE)]
            for where, statement in self._statements(roles):
                for secret in self._named(statement):
                    yield Reading(said, secret, where)
            injected = [body.get("secrets") for _, body in containers(task)]
            for secret in self._stack.referred(injected, SECRET):
                yield Reading(said, secret, task)
            yield from self._admitted(said, roles)

    def _statements(self, roles: list[Block]) -> Iterator[tuple[Block, Body]]:
        for policy in self._stack.resources(*_POLICIES):
            if any(role in self._holders(policy) for role in roles):
                documents = [policy.get("policy"), *(b.get("policy") for b in policy.blocks("inline_policy"))]
                for document in documents:
                    for statement in _iam.statements(document):
                        if _iam.allows(statement, READ):
                            yield policy, statement

    def _holders(self, policy: Block) -> list[Block]:
        if policy.type == ROLE:
            return [policy]
        attached = [
            role
            for attachment in self._stack.users(policy, "policy_arn", *_ATTACHMENTS)
            for role in self._stack.referred([attachment.get("role"), attachment.get("roles")], ROLE)
        ]
        managed = list(self._stack.users(policy, "managed_policy_arns", ROLE))
        return [*policy.refers("role", ROLE), *attached, *managed]

    def _named(self, statement: Body) -> Iterator[Block]:
        for resource in _iam.resources(statement):
            yield from self._stack.referred(resource, SECRET)
            if "master_user_secret" in resource:
                yield from self._stack.referred(resource, CLUSTER)
            if "*" in resource and "${" not in resource:
                pattern = resource if resource == "*" else resource.partition(":secret:")[2]
                for secret in self._stack.resources(SECRET):
                    if pattern and fnmatchcase(f"{secret.get('name')}{_SUFFIX}", pattern):
                        yield secret

    def _admitted(self, said: str, roles: list[Block]) -> Iterator[Reading]:
        for policy in self._stack.resources(SECRET_POLICY):
            for statement in _iam.statements(policy.get("policy")):
                admitted = self._stack.referred(_iam.principals(statement), ROLE)
                if _iam.allows(statement, READ) and any(role in admitted for role in roles):
                    for secret in policy.refers("secret_arn", SECRET):
                        yield Reading(said, secret, policy)


def _injected(task: Block, said: str) -> Iterator[Block]:
    """The secrets of its own colour that a task is started with."""
    for _, container in containers(task):
        for secret in task.stack.referred(container.get("secrets"), SECRET):
            if colour(secret) == said:
                yield secret
