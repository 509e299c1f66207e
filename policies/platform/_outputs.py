"""What the required outputs have to name: a type, an attribute, and which of several."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from stack_gate.stack import COLOURS, LISTENERS, LOAD_BALANCERS, Block, Body, Stack, number, objects, strings

from policies._anchored import Anchored
from policies._record import Records
from policies._switch import Switches, environment
from policies.service._containers import TASK_DEFINITION, containers

CLUSTER, FUNCTION, TABLE, PARAMETER = (
    "aws_rds_cluster", "aws_lambda_function", "aws_dynamodb_table", "aws_ssm_parameter",
)  # fmt: skip
_HTTPS = 443
_COLOURED = (
    CLUSTER,
    "aws_secretsmanager_secret",
    "aws_lb_target_group",
    "aws_alb_target_group",
    "aws_iam_role",
)


@dataclass(frozen=True)
class _Wanted:
    types: tuple[str, ...]
    attributes: tuple[str, ...]
    which: Callable[[Block], bool] = lambda _: True


def _is_of(colour: str) -> Callable[[Block], bool]:
    return lambda block: not (found := block.stack.derived(Anchored).told_by_tags(block)) or found == {colour}


def _is_switch(function: Block) -> bool:
    switches = function.stack.derived(Switches)
    return function in (switches.known or switches.candidates)


def _is_of_sessions(table: Block) -> bool:
    """The other one is the switch's own."""
    stack: Stack = table.stack
    told = [strings(environment(function)) for function in stack.derived(Switches).known]
    return len(stack.resources(TABLE)) == 1 or table not in stack.referred(told, TABLE)


def _is_of_the_switch(table: Block) -> bool:
    """The function is told of it, where it is told of any."""
    stack: Stack = table.stack
    told = stack.referred([strings(environment(f)) for f in stack.derived(Switches).known], TABLE)
    return not told or table in told


_WANTED: dict[str, "_Wanted"] = {
    "vpc_id": _Wanted(("aws_vpc", "aws_default_vpc"), ("id",)),
    "alb_dns_name": _Wanted(LOAD_BALANCERS, ("dns_name",)),
    **{
        f"{colour}_cluster_endpoint": _Wanted((CLUSTER,), ("endpoint",), _is_of(colour)) for colour in COLOURS
    },
    "dynamodb_table_name": _Wanted((TABLE,), ("name", "id"), _is_of_sessions),
    "switch_lambda_name": _Wanted((FUNCTION,), ("function_name", "id"), _is_switch),
    "switch_lambda_arn": _Wanted((FUNCTION,), ("arn", "qualified_arn"), _is_switch),
    "active_environment_parameter": _Wanted(
        (PARAMETER,), ("name", "id"), lambda p: p in p.stack.derived(Records).active_colour
    ),
    "kms_key_id": _Wanted(("aws_kms_key", "aws_kms_replica_key"), ("key_id", "id", "arn")),
    "backup_vault_name": _Wanted(("aws_backup_vault",), ("name", "id")),
}
_ALIASES = ("aws_lambda_alias",)
_GROUPS, _MACHINE = ("aws_lb_target_group", "aws_alb_target_group"), "aws_sfn_state_machine"


def _is_of_operators(alias: Block) -> bool:
    """The workflow has an alias of its own."""
    stack: Stack = alias.stack
    return alias not in stack.referred([m.get("definition") for m in stack.resources(_MACHINE)], *_ALIASES)


# The commands of `bluegreen` read these where a stack has them.
FURTHER: Mapping[str, _Wanted] = {
    "control_table_name": _Wanted((TABLE,), ("name", "id"), _is_of_the_switch),
    "dashboard_name": _Wanted(("aws_cloudwatch_dashboard",), ("dashboard_name", "id")),
    "listener_arn": _Wanted(LISTENERS, ("arn", "id"), lambda block: number(block.get("port")) == _HTTPS),
    "test_listener_arn": _Wanted(LISTENERS, ("arn", "id"), lambda block: number(block.get("port")) != _HTTPS),
    "shift_state_machine_arn": _Wanted((_MACHINE,), ("arn", "id")),
    **{
        f"{colour}_alarm_name": _Wanted(
            ("aws_cloudwatch_composite_alarm",), ("alarm_name", "id"), _is_of(colour)
        )
        for colour in COLOURS
    },
    **{f"{colour}_target_group_arn": _Wanted(_GROUPS, ("arn", "id"), _is_of(colour)) for colour in COLOURS},
    **{
        f"switch_{name}_arn": _Wanted(_ALIASES, ("arn", "id"), _is_of_operators)
        for name in ("operate", "deploy")
    },
    **{
        f"ledger_{name}lambda_arn": _Wanted((FUNCTION,), ("arn", "qualified_arn"))
        for name in ("", "health_", "migrate_", "setup_")
    },
}
_WANTED |= FURTHER


def twice(outputs: Mapping[str, Block]) -> Iterator[tuple[Block, str]]:
    """Outputs of different names that have the same value."""
    named = {name: str(outputs[name].get("value")) for name in FURTHER if name in outputs}
    for name, value in named.items():
        for other, its in named.items():
            if other != name and its == value:
                yield outputs[name], f"has the value of output.{other}"


def region(output: Block) -> Iterator[str]:
    """Where the provider is."""
    value = str(output.get("value"))
    regions = {str(one.get("region")) for one in output.stack.kind("provider") if one.get("region")}
    if "${" not in value and regions and value not in regions:
        yield f"has {value}, which is no provider's region"


def wrong_value(output: Block) -> str | None:
    """What is wrong with a required output."""
    if output.name in _CHECKS:
        return next(_CHECKS[output.name](output), None)
    wanted, value = _WANTED.get(output.name), output.get("value")
    if wanted is None:
        return None
    if not output.stack.resources(*wanted.types):
        return None  # its absence is judged once
    text = str(value)
    for block in output.stack.referred(value, *wanted.types):
        attribute = re.search(re.escape(block.key) + r"(?:\[[^]]{0,40}\])?\.(\w+)\}?$", text)
        if attribute and attribute[1] in wanted.attributes and wanted.which(block):
            return None
    if output.name == "switch_lambda_arn" and output.stack.referred(value, *_ALIASES):
        return None
    return (
        f"has {text[:120]}, not the {wanted.attributes[0]} of the {wanted.types[0]} that it is called after"
    )


def _of_another(output: Block) -> Iterator[str]:
    """The active colour comes from no other record of the stack."""
    active = output.stack.derived(Records).active_colour
    for block in output.stack.referred(output.get("value"), PARAMETER):
        if block.kind == "resource" and active and block not in active:
            yield f"has the value of {block.address}, which is another record"


def _mixed(output: Block) -> Iterator[str]:
    """Under the name of a colour stands nothing of the other one."""
    stack, colours = output.stack, output.stack.derived(Anchored)
    for body in objects(output.get("value")):
        for colour in COLOURS:
            for block in stack.referred(body.get(colour), *_COLOURED):
                if (told := colours.told_by_tags(block)) and colour not in told:
                    yield f"has {block.address} of {min(told)} under {colour}"
        given = [container.get("secrets") for _, container in _containers(stack)]
        injected = stack.referred(given, "aws_secretsmanager_secret")
        for secret in stack.referred(body, "aws_secretsmanager_secret") if injected else ():
            if secret not in injected:
                yield f"has {secret.address}, which no task gets: it is not the application's"
        yield from _uneven(stack, *(next(iter(objects(body.get(colour))), {}) for colour in COLOURS))


def _containers(stack: Stack) -> list[tuple[str, Body]]:
    return [found for definition in stack.resources(TASK_DEFINITION) for found in containers(definition)]


def _uneven(stack: Stack, *bodies: Body) -> Iterator[str]:
    """Each colour has the same, each an attribute of a resource of the stack."""
    said = re.compile("|".join(COLOURS))
    for key in sorted(set().union(*bodies)):
        kinds = set()
        for colour, body in zip(COLOURS, bodies, strict=True):
            value = str(body.get(key) or "")
            found = stack.referred(value)
            if not value or (not found and ("${data." in value or "${" not in value)):
                yield f"has {value or 'nothing'} as {colour}.{key}"
            places = tuple((block.type, said.sub("", block.path)) for block in found)
            kinds.add((places, value.rpartition(".")[2]))
        if len(kinds) > 1:
            yield f"has something else as {key} of the one colour than of the other"


_CHECKS: Mapping[str, Callable[[Block], Iterator[str]]] = {
    "active_environment": _of_another,
    "connection_info": _mixed,
    "region": region,
}
