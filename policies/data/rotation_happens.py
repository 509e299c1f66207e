"""A secret changes at least every 90 days: its schedule comes round, and its function gets through."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, lookup, number, objects

from policies import _iam
from policies._anchored import Anchored
from policies._package import UnseenError, code
from policies._policy import ResourcePolicy
from policies._reach import GROUPS, leads
from policies._schedules import ScheduleError, longest_gap
from policies.data._databases import CLUSTER, DATABASES, SECRET
from policies.data._rotation import ROTATION, functions
from policies.ledger._ledger import Ledger

MOST = 90  # days; PCI DSS 4.0.1, 8.6.3 and 8.3.9
LEAST = 30  # seconds: four steps that each talk to a database and to Secrets Manager
# Secrets Manager user guide, "Lambda rotation functions": what sets and what finishes.
WRITES = ("put_secret_value", "update_secret_version_stage")
KEY_ACTIONS = ("kms:Decrypt", "kms:GenerateDataKey")
NEEDS = tuple(f"secretsmanager:{call}" for call in (
    "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"
))  # fmt: skip
HTTPS = 443
_VERSION = re.compile(r":\d+$")


class RotationHappens(ResourcePolicy):
    policy = "CKV_BG_410"
    title = (
        f"Each secret changes at least every {MOST} days, by a function that runs and reaches its database"
    )
    requirement = "R04"
    pci = "8.6.3"
    severity = "HIGH"
    why = "The schedule is there, and the password never changes"
    fix = (
        "set automatically_after_days to 90 or less; give the function time, concurrency, its own colour's "
        "database and secrets, the secret's key, and rules to the database and the endpoints"
    )
    types = (ROTATION,)

    def defects(self, resource: Block) -> Iterator[str]:
        yield from _rare(resource)
        if _VERSION.search(str(resource.get("rotation_lambda_arn"))):
            yield f"has {resource.get('rotation_lambda_arn')} rotate, a version from before"
        for function in functions(resource):
            yield from _idle(function)
            yield from _closed(function)
            yield from _keyless(function, resource)
            yield from _denied(function)
            yield from _shut_out(function, resource)
            yield from _of_others(function, resource)


def _rare(rotation: Block) -> Iterator[str]:
    days = number(rotation.get("rotation_rules.automatically_after_days"))
    schedule = rotation.get("rotation_rules.schedule_expression")
    try:
        gaps = [days] if days is not None else []
        gap = max([*gaps, *([longest_gap(str(schedule or ""))] if schedule or not gaps else [])])
    except ScheduleError as error:
        yield f"has no schedule that comes round: {error}"
        return
    if gap > MOST:
        yield f"rotates after {gap:g} days"


def _idle(function: Block) -> Iterator[str]:
    if number(function.get("reserved_concurrent_executions")) == 0:
        yield f"has {function.address} rotate, which may not run at all"
    if (number(function.get("timeout")) or 3) < LEAST:
        yield f"has {function.address} rotate, which has {function.get('timeout') or 3} s"
    try:
        calls = code(function).calls
    except UnseenError as error:
        yield f"has {function.address} rotate, which {error}"
        return
    if lacking := [call for call in WRITES if call not in calls]:
        yield f"has {function.address} rotate, whose code calls no {lacking[0]}"


def _closed(function: Block) -> Iterator[str]:
    stack = function.stack
    own = stack.referred(lookup(function.body, "vpc_config.security_group_ids"), *GROUPS)
    databases = stack.referred(list(_variables(function).values()), *DATABASES)
    if not own:
        if databases and not function.blocks("vpc_config"):
            yield f"has {function.address} rotate, which is in no VPC and reaches no database"
        return
    for database in databases:
        others = database.refers("vpc_security_group_ids", *GROUPS)
        port = number(database.get("port")) or 3306
        if not leads("egress", own, others, port):
            yield f"has {function.address} rotate, which has no way out to {database.address}"
        if not leads("ingress", others, own, port):
            yield f"has {function.address} rotate, which {database.address} does not admit"
    endpoints = [
        group
        for endpoint in stack.resources("aws_vpc_endpoint")
        if "secretsmanager" in str(endpoint.get("service_name"))
        for group in endpoint.refers("security_group_ids", *GROUPS)
    ]
    if endpoints and not (leads("egress", own, endpoints, HTTPS) and leads("ingress", endpoints, own, HTTPS)):
        yield f"has {function.address} rotate, which has no way to Secrets Manager"


def _keyless(function: Block, rotation: Block) -> Iterator[str]:
    stack = rotation.stack
    for secret in rotation.refers("secret_id", SECRET):
        keys = secret.refers("kms_key_id", "aws_kms_key", "aws_kms_alias", "aws_kms_replica_key")
        statements = stack.derived(_iam.Roles).of_function(function)
        for action in KEY_ACTIONS if keys else ():
            if not any(_iam.allows(s, action) and _is_for(s, keys) for s in statements):
                yield f"has {function.address} rotate, which may not {action} with the secret's key"


def _denied(function: Block) -> Iterator[str]:
    """What its role takes away of what a rotation needs, on conditions or without."""
    for statement in function.stack.derived(_iam.Roles).of_function(function):
        for action in (*NEEDS, *KEY_ACTIONS):
            if not _iam.is_allow(statement) and _iam.is_about(statement, action):
                yield f"has {function.address} rotate, whose role denies {action}"


def _shut_out(function: Block, rotation: Block) -> Iterator[str]:
    """What the secret's policy denies to the function's role by name."""
    stack = rotation.stack
    for secret in rotation.refers("secret_id", SECRET):
        for policy in (secret, *stack.users(secret, "secret_arn", "aws_secretsmanager_secret_policy")):
            for statement in _iam.statements(policy.get("policy")):
                named = stack.referred(_iam.principals(statement), "aws_iam_role")
                about = [action for action in NEEDS if _iam.is_about(statement, action)]
                if not _iam.is_allow(statement) and about and set(named) & set(function.refers("role")):
                    yield f"has {function.address} rotate, which {policy.address} denies {about[0]}"


def _is_for(statement: dict[str, object], keys: list[Block]) -> bool:
    named = _iam.resources(statement)
    about = (
        "*" in named
        or any(key in key.stack.referred(named, key.type) for key in keys)
        or any(":kms:" in name or ":key/" in name for name in named)
    )
    services = [
        str(value)
        for condition in objects(statement.get("Condition"))
        for test in condition.values()
        for keys_ in objects(test)
        for name, values in keys_.items()
        if name.lower() == "kms:viaservice"
        for value in (values if isinstance(values, list) else [values])
    ]
    return about and (not services or any(s.startswith(("secretsmanager.", "*")) for s in services))


def _of_others(function: Block, rotation: Block) -> Iterator[str]:
    """What its environment and its rights name of the other colour, or of no colour's database."""
    stack = rotation.stack
    colours = stack.derived(Anchored)
    own = next((colours.told_by_tags(s) for s in rotation.refers("secret_id", SECRET)), frozenset())
    if not own or _is_of_both(function):
        return
    granted = [_iam.resources(s) for s in stack.derived(_iam.Roles).of_function(function) if _iam.is_allow(s)]
    for where, named in (("is told of", list(_variables(function).values())), ("may use", granted)):
        for block in stack.referred(named, CLUSTER, SECRET):
            if (told := colours.told_by_tags(block)) and told - own:
                yield f"has {function.address} rotate, which {where} {block.address} of {min(told)}"


def _is_of_both(function: Block) -> bool:
    """Whether it rotates the ledger's secrets of either colour, and so is told of both databases."""
    stack, colours = function.stack, function.stack.derived(Anchored)
    rotated = [
        colours.told_by_tags(secret)
        for rotation in stack.resources(ROTATION)
        if function in functions(rotation)
        for secret in rotation.refers("secret_id", SECRET)
    ]
    return len(frozenset().union(*rotated)) > 1 and function in stack.derived(Ledger).movers


def _variables(function: Block) -> dict[str, object]:
    return next(iter(function.blocks("environment.variables")), {})


check = RotationHappens()
