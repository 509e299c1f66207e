"""What the state machine asks of the switch function, only the state machine may ask."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, strings

from policies import _iam
from policies._grants import IDENTITY_POLICIES, granting
from policies._policy import StackPolicy

ALIAS, INVOKE = "aws_lambda_alias", "lambda:InvokeFunction"


class WorkflowAliasAdmitsTheStateMachine(StackPolicy):
    policy = "CKV2_BG_281"
    title = "The alias that a state machine invokes admits the role of that state machine only"
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    why = "Another caller can then take a step of a shift without its approval, its bake and its gates"
    fix = "let aws_lambda_permission and identity policies for that alias name the state machine's role only"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for machine in stack.resources("aws_sfn_state_machine"):
            for alias in stack.referred(strings(machine.get("definition")), ALIAS):
                roles = stack.referred(machine.get("role_arn"), "aws_iam_role")
                yield from _admitted(stack, alias, roles)
                yield from _allowed(stack, alias, roles)


def _admitted(stack: Stack, alias: Block, roles: list[Block]) -> Iterator[tuple[Block | None, str]]:
    for permission in stack.resources("aws_lambda_permission"):
        qualifier = permission.get("qualifier")
        of_alias = alias in stack.referred(qualifier, ALIAS) or (
            qualifier == alias.get("name") and _same_function(permission, alias)
        )
        principal = permission.get("principal")
        if of_alias and not any(_is(principal, role) for role in roles):
            yield permission, f"admits {principal} to {alias.address}"


def _is(principal: object, role: Block) -> bool:
    """By reference, or by an ARN that ends with its name."""
    named = str(principal).startswith("arn:") and str(principal).rpartition("/")[2] == role.get("name")
    return named or any(found is role for found in role.stack.referred(principal, "aws_iam_role"))


def _same_function(one: Block, other: Block) -> bool:
    functions = [
        each.stack.referred(each.get("function_name"), "aws_lambda_function") for each in (one, other)
    ]
    return functions[0] == functions[1]


def _allowed(stack: Stack, alias: Block, roles: list[Block]) -> Iterator[tuple[Block | None, str]]:
    for policy in stack.resources(*IDENTITY_POLICIES):
        holders = (
            [policy] if policy.type == "aws_iam_role" else stack.referred(policy.get("role"), "aws_iam_role")
        )
        if any(holder is role for holder in holders for role in roles):
            continue
        for where, statement in granting(policy):
            named = stack.referred(_iam.resources(statement), ALIAS)
            if _iam.allows(statement, INVOKE) and any(found is alias for found in named):
                yield policy, f"{where} allows {INVOKE} on {alias.address}"


check = WorkflowAliasAdmitsTheStateMachine()
