"""No event, schedule or address calls the switch, but events of its workflow."""

import json
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, listed

from policies._accounts import Accounts
from policies._policy import StackPolicy
from policies._switch import Switches

RULE, TARGET, PERMISSION = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_lambda_permission"
URL, ALIAS = "aws_lambda_function_url", "aws_lambda_alias"
# Step Functions developer guide, "Automating Step Functions event delivery with EventBridge".
_SOURCE = "aws.states"


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
        for target in stack.resources(TARGET):
            if any(
                block in callees for block in stack.referred(target.get("arn"), "aws_lambda_function", ALIAS)
            ):
                yield from ((target, what) for what in _foreign(target))
        for permission in stack.resources(PERMISSION):
            named = [permission.get("function_name"), permission.get("qualifier")]
            if any(block in callees for block in stack.referred(named, "aws_lambda_function", ALIAS)):
                yield from ((permission, what) for what in _admitted(permission))
        for url in stack.resources(URL):
            if any(block in callees for block in url.refers("function_name", "aws_lambda_function", ALIAS)):
                yield url, "is an address at which the switch can be called"


def _foreign(target: Block) -> Iterator[str]:
    rules = target.refers("rule", RULE)
    if not rules:
        yield f"calls the switch for the rule {target.get('rule')}, which is not in the stack"
    for rule in rules:
        if rule.get("schedule_expression"):
            yield f"calls the switch at {rule.get('schedule_expression')}"
        elif not _is_of_the_workflow(rule.get("event_pattern")):
            yield f"calls the switch for events of {rule.address}"


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
