"""What AWS refuses, or lets the last one win, of arguments and resources that are right by themselves.

Sources: API references of the create calls; Aurora user guide, "Backup window" and "Maintenance window".
"""

import re
from collections.abc import Iterator, Mapping

from stack_gate.stack import COLOURS, LISTENERS, RULES, Block, Stack, listed, number, objects

from policies import _iam
from policies._colours import Colours
from policies._grants import IDENTITY_POLICIES, granting
from policies.service._containers import SERVICE, TASK_DEFINITION, raw_containers

_CLUSTER, _INSTANCE, _TABLE = "aws_rds_cluster", "aws_rds_cluster_instance", "aws_dynamodb_table"
# Type → the argument that is unique in an account and region.
_NAMES: Mapping[str, str] = {
    "aws_backup_vault": "name", "aws_cloudwatch_dashboard": "dashboard_name",
    "aws_cloudwatch_event_rule": "name", "aws_cloudwatch_log_group": "name", "aws_db_subnet_group": "name",
    _TABLE: "name", "aws_ecr_repository": "name", "aws_ecs_cluster": "name", "aws_iam_role": "name",
    "aws_kms_alias": "name", "aws_lambda_function": "function_name", "aws_lb": "name",
    "aws_lb_target_group": "name", _CLUSTER: "cluster_identifier", _INSTANCE: "identifier",
    "aws_rds_cluster_parameter_group": "name", "aws_s3_bucket": "bucket",
    "aws_secretsmanager_secret": "name", "aws_sfn_state_machine": "name", "aws_sns_topic": "name",
    "aws_sqs_queue": "name", "aws_ssm_parameter": "name", "aws_wafv2_web_acl": "name",
}  # fmt: skip
# Type → the argument that names its owner, which has one of them: the last one applied replaces the others.
_SINGLE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "aws_s3_bucket_acl", "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_notification",
            "aws_s3_bucket_object_lock_configuration", "aws_s3_bucket_ownership_controls",
            "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block",
            "aws_s3_bucket_server_side_encryption_configuration", "aws_s3_bucket_versioning",
        ),
        "bucket",
    ),
    "aws_backup_vault_lock_configuration": "backup_vault_name",
    "aws_backup_vault_policy": "backup_vault_name",
    "aws_ecr_lifecycle_policy": "repository",
    "aws_ecr_repository_policy": "repository",
    "aws_secretsmanager_secret_policy": "secret_arn",
    "aws_sns_topic_policy": "arn",
    "aws_sqs_queue_policy": "queue_url",
    "aws_wafv2_web_acl_logging_configuration": "resource_arn",
}  # fmt: skip
# A policy of its own, and the type whose argument `policy` is the same one.
_OR_INSIDE: Mapping[str, tuple[str, str]] = {
    "aws_secretsmanager_secret": ("aws_secretsmanager_secret_policy", "secret_arn"),
    "aws_sns_topic": ("aws_sns_topic_policy", "arn"),
    "aws_sqs_queue": ("aws_sqs_queue_policy", "queue_url"),
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _WEEK, _SHORTEST = 24 * 60, 7 * 24 * 60, 30
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DAILY = re.compile(rf"({_TIME})-({_TIME})")
_WEEKLY = re.compile(rf"(?i)({'|'.join(_DAYS)}):({_TIME})-({'|'.join(_DAYS)}):({_TIME})")


def together(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Everything of the above in a stack."""
    yield from _called_alike(stack)
    yield from _replacing(stack)
    yield from _in_windows(stack)
    yield from _of_one_priority(stack)
    yield from _of_no_index(stack)
    yield from _of_tasks(stack)
    yield from _of_groups(stack)
    yield from _of_instances(stack)
    for target in stack.resources("aws_appautoscaling_target"):
        least, most = number(target.get("min_capacity")), number(target.get("max_capacity"))
        if least is not None and most is not None and least > most:
            yield target, f"has min_capacity = {least:g} and max_capacity = {most:g}"
    for table in stack.resources(_TABLE):
        yield from ((table, what) for what in _of_table(table))


def _of_tasks(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Load balancing of a container or port that the tasks don't have, and tasks that Fargate doesn't run.

    Source: ECS API reference, CreateService and LoadBalancer.
    """
    for service in stack.resources(SERVICE):
        for task in service.refers("task_definition", TASK_DEFINITION):
            there = {
                (str(container.get("name")), number(mapping.get("containerPort")))
                for _, container in raw_containers(task)
                for mapping in objects(container.get("portMappings"))
            }
            for entry in service.blocks("load_balancer") if there else ():
                name, port = str(entry.get("container_name")), number(entry.get("container_port"))
                if "${" not in name and port is not None and (name, port) not in there:
                    yield service, f"forwards to {name}:{port:g}, which {task.address} does not have"
            taken = listed(task.get("requires_compatibilities"))
            if service.get("launch_type") == "FARGATE" and taken and "FARGATE" not in taken:
                yield task, f"is for {', '.join(map(str, taken))}, and {service.address} runs it on Fargate"


def _of_groups(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Rules inside of a group, even none of them, beside rules of their own.

    Source: AWS provider documentation, aws_security_group, "NOTE on Security Groups …".
    """
    for argument in ("ingress", "egress"):
        for rule in stack.resources(f"aws_vpc_security_group_{argument}_rule", "aws_security_group_rule"):
            for group in rule.refers("security_group_id", "aws_security_group"):
                if rule.get("type") in (None, argument) and group.get(argument) is not None:
                    yield group, f"has {argument}, and {rule.address}: each apply of one undoes the other"


def _of_instances(stack: Stack) -> Iterator[tuple[Block, str]]:
    for instance in stack.resources(_INSTANCE):
        version = str(instance.get("engine_version") or "")
        for cluster in instance.refers("cluster_identifier", _CLUSTER):
            theirs = str(cluster.get("engine_version") or version)
            if version and "${" not in version + theirs and version != theirs:
                yield instance, f"has the engine_version {version}, and its cluster {theirs}"


def _called_alike(stack: Stack) -> Iterator[tuple[Block, str]]:
    for type_, argument in _NAMES.items():
        seen: dict[str, Block] = {}
        for block in stack.resources(type_):
            name = str(block.get(argument) or "")
            if name and "${" not in name and name in seen:
                yield from _each(block, seen[name], f"has the {argument} of {{}}")
            seen.setdefault(name, block)


def _replacing(stack: Stack) -> Iterator[tuple[Block, str]]:
    for type_, argument in _SINGLE.items():
        seen: dict[str, Block] = {}
        for block in stack.resources(type_):
            owner = _owner(block, argument)
            if owner and owner in seen:
                what = f"is of the same {argument} as {{}}: each apply of one undoes the other"
                yield from _each(block, seen[owner], what)
            seen.setdefault(owner, block)
    for type_, (apart, argument) in _OR_INSIDE.items():
        for block in stack.resources(type_) if stack.resources(apart) else ():
            for other in stack.users(block, argument, apart) if block.get("policy") else ():
                yield block, f"has a policy, and {other.address}: each apply of one undoes the other"

    seen = {}
    for block in stack.resources("aws_iam_role_policy"):
        for role in stack.referred(block.get("role"), "aws_iam_role"):
            key = f"{role.key} {block.get('name')}"
            if block.get("name") and key in seen:
                yield from _each(block, seen[key], "has the name of {} at one role: it replaces the other")
            seen.setdefault(key, block)


def _of_one_priority(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Sources: WAF API reference, Rule; Elastic Load Balancing API reference, CreateRule."""
    for acl in stack.resources("aws_wafv2_web_acl", "aws_wafv2_rule_group"):
        found = [str(rule.get("priority")) for rule in acl.blocks("rule")]
        yield from (
            (acl, f"has two rules of priority {one}") for one in {o for o in found if found.count(o) > 1}
        )
    seen: dict[tuple[str, str], Block] = {}
    for rule in stack.resources(*RULES):
        for listener in rule.refers("listener_arn", *LISTENERS):
            key = (listener.key, str(rule.get("priority")))
            if rule.get("priority") is not None and key in seen:
                yield from _each(rule, seen[key], f"has the priority {key[1]} of {{}} at one listener")
            seen.setdefault(key, rule)


_INDEX = re.compile(r"/index/([\w.-]+)$")


def _of_no_index(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Indexes that a policy names, of tables that have no such index: queries of them fail."""
    for policy in stack.resources(*IDENTITY_POLICIES):
        for _, statement in granting(policy):
            for text in _iam.resources(statement):
                match = _INDEX.search(text)
                for table in stack.referred(text, _TABLE) if match else ():
                    parts = [
                        *table.blocks("global_secondary_index"),
                        *table.blocks("local_secondary_index"),
                    ]
                    if match and match[1] not in {str(index.get("name")) for index in parts}:
                        yield table, f"has no index {match[1]}, which {policy.address} names"


def _each(one: Block, other: Block, what: str) -> Iterator[tuple[Block, str]]:
    """Both of a pair, each with the other's address in what is said."""
    yield one, what.format(other.address)
    yield other, what.format(one.address)


def _owner(block: Block, argument: str) -> str:
    """The owner's key, or its name where that is all that is said."""
    named = str(block.get(argument) or "")
    owners = block.stack.referred(named)
    if owners:
        return owners[0].key
    buckets = block.stack.resources("aws_s3_bucket") if argument == "bucket" else ()
    return next((one.key for one in buckets if one.get("bucket") == named), named)


def _in_windows(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Maintenance that meets the backup, which RDS refuses, or the maintenance of the other colour."""
    maintained: list[tuple[Block, str, tuple[int, int]]] = []
    for block in stack.resources(_CLUSTER, _INSTANCE):
        weekly = _week(block.get("preferred_maintenance_window"))
        for name, given, parsed in (
            ("preferred_backup_window", block.get("preferred_backup_window"), _day),
            ("preferred_maintenance_window", block.get("preferred_maintenance_window"), _week),
        ):
            if given and "${" not in str(given) and parsed(given) is None:
                yield block, f"has {name} = {given}, which is no window of {_SHORTEST} minutes or more"
        for cluster in [block] if block.type == _CLUSTER else block.refers("cluster_identifier", _CLUSTER):
            daily = _day(cluster.get("preferred_backup_window"))
            if weekly and daily and any(_meet(weekly, (day * _DAY + daily[0], daily[1])) for day in range(7)):
                yield block, "has its maintenance window in its backup window, which RDS refuses"
        colour = stack.derived(Colours).of(block)
        if weekly and colour in COLOURS:
            for other, theirs, window in maintained:
                if theirs != colour and _meet(weekly, window):
                    what = "is maintained at the same time as {}: no colour is left to shift to"
                    yield from _each(block, other, what)
            maintained.append((block, colour, weekly))


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


def _day(window: object) -> tuple[int, int] | None:
    """Start and length in minutes of the day."""
    match = _DAILY.fullmatch(str(window))
    if match is None:
        return None
    start, end = _minutes(match[1]), _minutes(match[2])
    length = (end - start) % _DAY
    return (start, length) if length >= _SHORTEST else None


def _week(window: object) -> tuple[int, int] | None:
    """Start and length in minutes of the week."""
    match = _WEEKLY.fullmatch(str(window))
    if match is None:
        return None
    start, end = (_DAYS.index(match[n].lower()) * _DAY + _minutes(match[n + 1]) for n in (1, 3))
    length = (end - start) % _WEEK
    return (start, length) if _SHORTEST <= length <= _DAY else None


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return (other[0] - one[0]) % _WEEK < one[1] or (one[0] - other[0]) % _WEEK < other[1]


def _of_table(table: Block) -> Iterator[str]:
    """Keys that are not declared, and attributes that are no keys.

    Source: DynamoDB API reference, CreateTable.
    """
    indexes = [*table.blocks("global_secondary_index"), *table.blocks("local_secondary_index")]
    keys = {
        str(body.get(name))
        for body in [table.body, *indexes]
        for name in ("hash_key", "range_key")
        if body.get(name)
    }
    declared = {str(body.get("name")) for body in table.blocks("attribute")}
    if any("${" in name for name in keys | declared):
        return
    yield from (f"has the key {name}, which no attribute declares" for name in sorted(keys - declared))
    yield from (f"declares the attribute {name}, which is no key" for name in sorted(declared - keys))
    if table.get("billing_mode") in (None, "PROVISIONED"):
        for name in ("read_capacity", "write_capacity"):
            if (number(table.get(name)) or 0) < 1:
                yield f"is billed by capacity, and has no {name}"
        scaled = any(True for _ in table.stack.users(table, "resource_id", "aws_appautoscaling_target"))
        if not scaled and not objects(table.get("on_demand_throughput")):
            yield "is billed by capacity, which nothing scales: requests past it are refused"
