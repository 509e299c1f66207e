"""A container gets secrets from where they are kept."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, objects

from policies._accounts import Accounts
from policies._anchored import Anchored
from policies._policy import ResourcePolicy
from policies.data._administrators import Administrators
from policies.data._databases import SECRET
from policies.ledger._ledger import Ledger
from policies.secrets._literals import is_secret_key
from policies.service._containers import TASK_DEFINITION, containers, variables

# What has the secret itself in an attribute, rather than its name.
_VALUES = ("aws_secretsmanager_secret_version", "random_password", "aws_iam_access_key")
# Of `ARN:key:stage:version`, after the ARN. Source: ECS developer guide, "Pass Secrets Manager secrets".
STAGE, VERSION = 2, 3
# What the stack itself makes and rotates; other secrets may be named by their ARN in the account.
_OF_A_DATABASE = re.compile(r"(?i)database|mysql|aurora|(?:^|_)(?:db|rds)(?:_|$)")
ARN_PARTS = 7
# End of a variable's name → the key of the secret. Secrets Manager user guide, "JSON structure of secrets".
_KEYS = {"PASSWORD": "password", "_USER": "username", "USERNAME": "username"}
_HAS = ("dbClusterIdentifier", "dbname", "engine", "host", "masterarn", "password", "port", "username")


class SecretsAreInjected(ResourcePolicy):
    policy = "CKV_BG_264"
    title = "No container has a secret in its environment: its own colour's current one is injected by ARN"
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
            injected = {
                str(e.get("name")): str(e.get("valueFrom") or "") for e in objects(container.get("secrets"))
            }
            sources = list(injected.values())
            yield from (
                f"{called} gets {what}" for given in injected.items() for what in _wrong(resource, *given)
            )
            if other := _only_other(resource, sources):
                yield f"{called} gets {other.address}, the secret of the other colour"


def _only_other(definition: Block, sources: list[str]) -> Block | None:
    """A secret of the other colour: with a ledger beside the own one, else never."""
    stack, colours = definition.stack, definition.stack.derived(Anchored)
    own, found = colours.told_by_tags(definition), stack.referred(sources, SECRET)
    others = [secret for secret in found if own and colours.told_by_tags(secret) - own]
    has_own = any(colours.told_by_tags(secret) == own for secret in found)
    return others[0] if others and not (has_own and stack.derived(Ledger).complete) else None


def _wrong(definition: Block, name: str, source: str) -> Iterator[str]:
    """What is wrong with where a secret comes from: `ARN:key:stage:version` of Secrets Manager."""
    stack = definition.stack
    if ":ssm:" in source or stack.referred(source, "aws_ssm_parameter"):
        return
    own = any(
        f":{account}:" in source for account in stack.derived(Accounts).own
    ) and not _OF_A_DATABASE.search(name)
    if (
        not stack.referred(source, SECRET)
        and not source.startswith("${aws_secretsmanager_secret.")
        and not own
    ):
        yield f"{source[:80]} as {name}, which is no secret of the stack"
    if administrators := stack.derived(Administrators).of(source):
        yield f"{administrators[0].address} as {name}, which opens a whole database"
    parts = source.rpartition("}")[2].split(":") if "}" in source else source.split(":")[ARN_PARTS - 1 :]
    if stack.referred(source, SECRET) and (wrong := _other_key(name, parts[1] if len(parts) > 1 else "")):
        yield wrong
    if len(parts) > STAGE and parts[STAGE] not in ("", "AWSCURRENT"):
        yield f"the stage {parts[STAGE]}"
    if len(parts) > VERSION and parts[VERSION]:
        yield f"the version {parts[VERSION]}"


def _other_key(name: str, key: str) -> str | None:
    """The variable is called after one key of the secret, and gets another, or all of it."""
    for end, wanted in _KEYS.items():
        if name.upper().endswith(end) and key != wanted:
            return f"{key or 'the whole secret'} as {name}"
    return f"{key} as {name}, which such a secret does not have" if key and key not in _HAS else None


check = SecretsAreInjected()
