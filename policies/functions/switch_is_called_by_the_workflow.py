"""No event, schedule or address calls the switch, but events of its workflow."""

import json
import re
from collections.abc import Iterator

from stack_gate.stack import LISTENERS, Block, Stack, listed

from policies import _iam
from policies._accounts import Accounts
from policies._grants import IDENTITY_POLICIES, granting
from policies._policy import StackPolicy
from policies._switch import Switches, roles_of_switches

RULE, TARGET, PERMISSION = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_lambda_permission"
URL, ALIAS = "aws_lambda_function_url", "aws_lambda_alias"
# Step Functions developer guide, "Automating Step Functions event delivery with EventBridge".
_SOURCE = "aws.states"
MACHINE, TASK = "aws_sfn_state_machine", "aws_ecs_task_definition"
ALARMS = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
ROLES_OF_TASKS = ("task_role_arn", "execution_role_arn")
STARTS = "states:StartExecution"
MOVES = tuple(
    f"elasticloadbalancing:{call}" for call in ("CreateRule", "ModifyListener", "SetRulePriorities")
)
CHANGES = tuple(
    f"lambda:{call}" for call in ("UpdateAlias", "UpdateFunctionCode", "UpdateFunctionConfiguration")
)
# What an event of the workflow may ask of the switch.
BACK, _ACTION = "rollback", re.compile(r'"action"\s{0,9}:\s{0,9}"(\w{1,64})"')


class SwitchIsCalledByTheWorkflow(StackPolicy):
    policy = "CKV2_BG_408"
    title = "Nothing but the workflow, its events and the operator calls the switch function"
    requirement = None
    pci = "6.5.1"
    severity = "CRITICAL"
    needs_account = True
    why = "Traffic moves when an event or the clock says so, and no operator asked"
    fix = (
        "remove it; of EventBridge's rules only one on execution status changes of the workflow may call "
        "the switch"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        switches = stack.derived(Switches)
        functions = switches.known
        callees = [*functions, *(a for f in functions for a in stack.users(f, "function_name", ALIAS))]
        machines = [m for m in stack.resources(MACHINE) if _calls(m, callees)]
        for target in stack.resources(TARGET):
            if _names(target.get("arn"), callees, stack):
                yield from ((target, what) for what in _foreign(target))
            elif any(block in machines for block in stack.referred(target.get("arn"), MACHINE)):
                yield target, "starts the workflow, which no operator asked for"
        for alarm in stack.resources(*ALARMS):
            told = [alarm.get(f"{state}_actions") for state in ("alarm", "insufficient_data", "ok")]
            if _names(told, callees, stack):
                yield alarm, "calls the switch"
        yield from _movers(stack, machines, callees)
        for permission in stack.resources(PERMISSION):
            named = [permission.get("function_name"), permission.get("qualifier")]
            if any(block in callees for block in stack.referred(named, "aws_lambda_function", ALIAS)):
                yield from ((permission, what) for what in _admitted(permission))
        for url in stack.resources(URL):
            if any(block in callees for block in url.refers("function_name", "aws_lambda_function", ALIAS)):
                yield url, "is an address at which the switch can be called"


def _names(value: object, callees: list[Block], stack: Stack) -> bool:
    return any(block in callees for block in stack.referred(value, "aws_lambda_function", ALIAS))


def _calls(machine: Block, callees: list[Block]) -> bool:
    return _names(machine.get("definition"), callees, machine.stack)


def _movers(stack: Stack, machines: list[Block], callees: list[Block]) -> Iterator[tuple[Block, str]]:
    """Identity policies of others that move traffic, or start a shift. CKV2_BG_313 judges those of tasks."""
    trusted = [role for _, role in roles_of_switches(stack)]
    if not trusted:
        return  # the role is elsewhere: another policy's finding
    tasks = [task.get(path) for task in stack.resources(TASK) for path in ROLES_OF_TASKS]
    trusted += stack.referred(tasks, "aws_iam_role")
    listeners = [rule for type_ in LISTENERS for rule in stack.resources(type_)]
    for policy in stack.resources(*IDENTITY_POLICIES):
        owners = _owners(policy)
        if owners and all(role in trusted for role in owners):
            continue
        for _, statement in granting(policy):
            named = _iam.resources(statement)
            for action in MOVES:
                if _iam.allows(statement, action) and _meets(named, listeners, stack):
                    yield policy, f"allows {action}, which moves traffic past the switch"
            for action in CHANGES:
                if _iam.allows(statement, action) and _meets(named, callees, stack):
                    yield policy, f"allows {action}, which changes the switch"
            if _iam.allows(statement, STARTS) and _meets(named, machines, stack):
                yield policy, f"allows {STARTS}, which starts a shift"


def _owners(policy: Block) -> list[Block]:
    """The roles of the stack that have a policy; none for users, groups and what is attached to none."""
    found = [policy.get("role")] if policy.type.startswith("aws_iam_role") else []
    for attachment in policy.stack.resources(*_iam.ATTACHMENTS) if policy.type == "aws_iam_policy" else ():
        if policy in policy.stack.referred(attachment.body, "aws_iam_policy"):
            found += [attachment.get("role"), attachment.get("roles"), attachment.get("role_name")]
    return [policy] if policy.type == "aws_iam_role" else policy.stack.referred(found, "aws_iam_role")


def _meets(named: list[str], wanted: list[Block], stack: Stack) -> bool:
    return any(block in wanted for block in stack.referred(named, *{block.type for block in wanted}))


def _foreign(target: Block) -> Iterator[str]:
    rules = target.refers("rule", RULE)
    if not rules:
        yield f"calls the switch for the rule {target.get('rule')}, which is not in the stack"
    for rule in rules:
        if rule.get("schedule_expression"):
            yield f"calls the switch at {rule.get('schedule_expression')}"
        elif not _is_of_the_workflow(rule.get("event_pattern")):
            yield f"calls the switch for events of {rule.address}"
    template = target.get("input") or target.get("input_transformer.input_template")
    said = _ACTION.findall(str(template or ""))
    if said and said != [BACK]:
        yield f"has the switch do {' and '.join(said)}, and not {BACK}"


def _is_of_the_workflow(pattern: object) -> bool:
    try:
        found = json.loads(pattern) if isinstance(pattern, str) else pattern
    except ValueError:
        return False
    return isinstance(found, dict) and listed(found.get("source")) == [_SOURCE]


def _admitted(permission: Block) -> Iterator[str]:
    principal = str(permission.get("principal") or "")
    if any(account in principal for account in permission.stack.derived(Accounts).own):
        return  # operators and the workflow; identity policies say which
    if principal != "events.amazonaws.com":
        yield f"lets {permission.get('principal')} call the switch"
    elif not permission.refers("source_arn", RULE):
        yield "lets every rule of EventBridge call the switch"


check = SwitchIsCalledByTheWorkflow()
