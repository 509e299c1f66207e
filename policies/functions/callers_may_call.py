"""Who is to call a function may, and each permission is of one caller and one alias."""

import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import Block, Stack, objects

from iam_evaluation import Caller
from policies._accounts import Accounts
from policies._arns import Arns
from policies._evaluation import decided, parsed
from policies._iam import Roles, allows, resources
from policies._policy import StackPolicy
from policies._switch import is_switch
from policies.data._secret_rights import SECRET, is_named

FUNCTION, ALIAS, PERMISSION = "aws_lambda_function", "aws_lambda_alias", "aws_lambda_permission"
RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
QUEUE, QUEUE_POLICY = "aws_sqs_queue", "aws_sqs_queue_policy"
_ACTION = re.compile(r'"action"\s*:\s*"[a-z]')
_WORD = re.compile(r"[a-z]\w{0,63}")
_SAID = (
    "function_name",
    "qualifier",
    "principal",
    "action",
    "source_arn",
    "source_account",
    "principal_org_id",
)
_PLACE = re.compile(r"<([\w.-]{1,64})>")
EVENTS, _SERVICES = "events.amazonaws.com", (".amazonaws.com", ".amazon.com")
_ROLE, _ROTATION = "aws_iam_role", "aws_secretsmanager_secret_rotation"


class CallersMayCall(StackPolicy):
    policy = "CKV2_BG_445"
    title = (
        "Each event rule may call the function that it names; each permission names its caller and its alias"
    )
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    yields = True
    why = "Lambda refuses the event, and what it was to start never runs; or others than the caller get in"
    fix = (
        "add an aws_lambda_permission with function_name and qualifier of the target, and source_arn of the "
        "rule, the secret or the topic"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for target in stack.resources(TARGET):
            for callee in _called(target):
                for rule in target.refers("rule", RULE):
                    if not any(_admits(p, callee, rule) for p in stack.resources(PERMISSION)):
                        yield target, f"calls {callee.address}, which no permission lets {rule.address} do"
            yield from ((target, what) for what in [*_asks_nothing(target), *_asks_for_what_is_not(target)])
            yield from _dead_letters(target)
        permissions = stack.resources(PERMISSION)
        seen: dict[str, Block] = {}
        for permission in permissions:
            yield from ((permission, what) for what in _wrong(permission))
            said = repr([permission.get(name) for name in _SAID])
            if said in seen:
                yield permission, f"admits the same as {seen[said].address}"
                yield seen[said], f"admits the same as {permission.address}"
            seen[said] = permission


def _called(target: Block) -> list[Block]:
    """By reference: an alias has the function's name in an argument, too."""
    found = target.refers("arn", FUNCTION, ALIAS)
    return [block for block in found if block.key in str(target.get("arn"))]


def _admits(permission: Block, callee: Block, rule: Block) -> bool:
    if permission.get("principal") != EVENTS or rule not in permission.refers("source_arn", RULE):
        return False
    if callee.type == FUNCTION:
        return not permission.get("qualifier") and callee in permission.refers("function_name", FUNCTION)
    return callee in _aliases(permission)


def _aliases(permission: Block) -> list[Block]:
    """The alias that it is for: by reference, or by its name among the function's."""
    stack, qualifier = permission.stack, permission.get("qualifier")
    if f"{ALIAS}." in str(permission.get("function_name")):
        return permission.refers("function_name", ALIAS)
    of_function = [
        alias
        for function in permission.refers("function_name", FUNCTION)
        for alias in stack.users(function, "function_name", ALIAS)
    ]
    named = stack.referred(qualifier, ALIAS)
    return [alias for alias in of_function if alias in named or alias.get("name") == qualifier]


def _asks_nothing(target: Block) -> Iterator[str]:
    """The event of a schedule says what time it is, and not what for; another, what was, not what to do."""
    rules = [rule for rule in target.refers("rule", RULE) if rule.get("schedule_expression")]
    transformed = target.blocks("input_transformer")
    asked = str(target.get("input") or "") not in ("", "{}") or target.get("input_path") or transformed
    called = _called(target)
    if rules and called and not asked:
        yield f"calls at {rules[0].get('schedule_expression')}, and has no input"
    if called and not rules and not target.get("dead_letter_config.arn"):
        yield "has no dead_letter_config: an event that can't be delivered is lost"
    given = [str(target.get("input")), *(str(body.get("input_template")) for body in transformed)]
    functions = [f for block in called for f in ([block] if block.type == FUNCTION else _functions(block))]
    if any(map(is_switch, functions)) and not any(map(_ACTION.search, given)):
        yield "calls the switch function, and asks for no action"
    for body in transformed:
        paths = next(iter(objects(body.get("input_paths"))), {})
        for name in _PLACE.findall(str(body.get("input_template"))):
            if not name.startswith("aws.") and not str(paths.get(name) or "").startswith("$"):
                yield f"puts {paths.get(name) or 'nothing'} in the place of <{name}>"
    for function in functions:
        yield from _unnamed(target, function)


def _unnamed(target: Block, function: Block) -> Iterator[str]:
    """The secrets in the input that the function's role does not name."""
    stack = target.stack
    allowed = [
        text for statement in stack.derived(Roles).of_function(function) for text in resources(statement)
    ]
    for secret in stack.referred(target.get("input"), SECRET) if allowed else ():
        if not is_named(secret, allowed):
            yield f"tells {function.address} of {secret.address}, which its role does not name"


def _functions(alias: Block) -> list[Block]:
    return alias.refers("function_name", FUNCTION)


def _dead_letters(target: Block) -> Iterator[tuple[Block, str]]:
    """The queue for events that were not delivered admits the rule. Source: EventBridge user guide, "Using
    dead-letter queues".
    """
    stack, arns = target.stack, target.stack.derived(Arns)
    for queue in target.refers("dead_letter_config.arn", QUEUE):
        for owner in [
            *stack.users(queue, "queue_url", QUEUE_POLICY),
            *([queue] if queue.get("policy") else []),
        ]:
            for rule in target.refers("rule", RULE):
                caller, context = Caller.service(EVENTS), {"aws:SourceArn": arns.of(rule)}
                try:
                    own = parsed(owner.get("policy"), stack)
                    admitted = decided(own, caller, "sqs:SendMessage", arns.of(queue), context).allowed
                except ValueError:
                    admitted = False
                if not admitted:
                    yield owner, f"lets no event of {rule.address} into {queue.address}"


def _asks_for_what_is_not(target: Block) -> Iterator[str]:
    """Actions of functions are words."""
    try:
        asked = json.loads(str(target.get("input") or "{}"))
    except ValueError:
        yield "has an input that is no JSON"
        return
    action = asked.get("action") if isinstance(asked, dict) else None
    if action is not None and not _WORD.fullmatch(str(action)):
        yield f"asks for {action}"
    for rule in target.refers("rule", RULE):
        if rule.get("schedule_expression"):
            yield from _done_by_the_clock(asked, str(rule.get("schedule_expression")))


# What operators, the workflow and Secrets Manager ask for, each when it is due.
_MOVES = frozenset({
    "abort", "approve", "deploy", "finalize", "migrate", "move", "reclaim", "rollback", "setup", "shift",
    "switch",
})  # fmt: skip
_STEPS = ("createSecret", "finishSecret", "setSecret", "testSecret")


def _done_by_the_clock(asked: object, schedule: str) -> Iterator[str]:
    for key, words in (("action", _MOVES), ("Step", _STEPS)):
        said = asked.get(key) if isinstance(asked, dict) else None
        if said in words:
            yield f"asks for {said} at {schedule}, which no operator decides"


def _wrong(permission: Block) -> Iterator[str]:
    stack, principal = permission.stack, str(permission.get("principal") or "")
    functions = permission.refers("function_name", FUNCTION)
    has_aliases = any(is_switch(f) for f in functions for _ in stack.users(f, "function_name", ALIAS))
    if permission.get("qualifier") and functions and not _aliases(permission):
        yield f"is for {permission.get('qualifier')}, which is no alias of {functions[0].address}"
    elif has_aliases and not _aliases(permission):
        yield f"lets {principal} call {functions[0].address} past its aliases"
    source = permission.get("source_arn")
    if principal.endswith(_SERVICES):
        if not source or "${data." in str(source):
            yield f"lets {principal} call for any of its resources: it has no source_arn that is known"
        elif not any(_calls(found, functions) for found in _named(permission, str(source))):
            yield f"lets {principal} call for {source}, which does not call the function"
    elif principal == "*":
        yield "lets callers in that it does not name"
    elif stack.derived(Accounts).own and (":role/" in principal or stack.referred(principal, _ROLE)):
        yield from _roles(permission, principal)


def _named(permission: Block, source: str) -> list[Block]:
    """What a source is: by reference, or the rules and secrets whose ARN a pattern has."""
    stack = permission.stack
    arns, pattern = stack.derived(Arns), stack.derived(Arns).put(source)
    rules = [(rule, arns.named("events", f"rule/{rule.called}")) for rule in stack.resources(RULE)]
    known = [*rules, *((secret, arns.of(secret)) for secret in stack.resources(SECRET))]
    return stack.referred(source) or [block for block, arn in known if fnmatchcase(arn, pattern)]


def _calls(source: Block, functions: list[Block]) -> bool:
    """Whether a rule has a target, or a secret a rotation, that is the function; others are not asked."""
    callers = {RULE: (TARGET, "rule", "arn"), SECRET: (_ROTATION, "secret_id", "rotation_lambda_arn")}
    if source.type not in callers:
        return True
    type_, by, argument = callers[source.type]
    return any(
        function in caller.refers(argument, FUNCTION)
        or any(function in _functions(alias) for alias in caller.refers(argument, ALIAS))
        for caller in source.stack.users(source, by, type_)
        for function in functions
    )


def _roles(permission: Block, principal: str) -> Iterator[str]:
    """A role that is let in here needs no policy of its own: it is one of the stack that calls functions."""
    stack = permission.stack
    arns = stack.derived(Arns)
    found = [role for role in stack.resources(_ROLE) if arns.of(role) == arns.put(principal)]
    functions = permission.refers("function_name", FUNCTION)
    if not found and not any(map(is_switch, functions)):  # CKV_BG_280 and CKV2_BG_281 judge who calls it
        yield f"lets {principal} call, which is no role of the stack"
    for role in found:
        if not any(allows(statement, "lambda:InvokeFunction") for statement in stack.derived(Roles).of(role)):
            yield f"lets {role.address} call, which is not there for it"


check = CallersMayCall()
