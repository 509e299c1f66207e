"""Neither colour reaches the other's database, secrets or roles."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies import _iam
from policies._colours import Colours, apart
from policies._policy import StackPolicy
from policies.ledger._ledger import Ledger
from policies.service._containers import TASK_DEFINITION

# They connect what others are: of no colour of their own, but of those that they join.
_JOINING = frozenset({
    "aws_iam_role_policy_attachment", "aws_secretsmanager_secret_policy", "aws_security_group_rule",
    "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule",
})  # fmt: skip
_POLICIES = "aws_iam_role_policy"
# What a ledger lets each service use of the other colour. How much, and whether it is complete, is for
# CKV2_BG_306 to judge.
_OF_THE_LEDGER = ("aws_rds_cluster.", "aws_secretsmanager_secret.")
# Alarms, backups and rotation of the wrong colour are other policies' findings.
_JUDGED = _JOINING | {
    _POLICIES, "aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action",
    "aws_db_instance", "aws_ecs_service", "aws_ecs_task_definition", "aws_iam_role",
    "aws_rds_cluster", "aws_rds_cluster_instance", "aws_security_group",
}  # fmt: skip


class ColoursStayApart(StackPolicy):
    policy = "CKV2_BG_311"
    title = "No resource of one colour uses a resource of the other"
    requirement = None
    pci = "7.2.5"
    severity = "CRITICAL"
    why = (
        "A flaw of one colour's version then reads or changes the other colour's data, and a migration is "
        "no way back"
    )
    fix = "refer to the resource of the same colour"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        colours, ledger = stack.derived(Colours), stack.derived(Ledger).begun
        for block in stack.resources(*(_JUDGED - _JOINING - {_POLICIES} if ledger else _JUDGED)):
            used = colours.used(apart(block))
            if ledger and block.type == TASK_DEFINITION:
                used = [(colour, what) for colour, what in used if not what.startswith(_OF_THE_LEDGER)]
            joins = block.type in _JOINING or block.type == _POLICIES
            own = _first(block, used, colours) if joins else colours.of(block)
            yield from (
                (block, f"is {own}, and uses {what}") for colour, what in used if own and colour != own
            )
        if not ledger:
            yield from _attached(stack, colours)


def _first(block: Block, used: list[tuple[str, str]], colours: Colours) -> str | None:
    """The colour of a joining resource: of its role, or of what it names first."""
    if block.type == _POLICIES:
        role = block.stack.one(block.get("role"), "aws_iam_role")
        return colours.of(role) if role else None
    return colours.of(block) or (used[0][0] if used else None)


def _attached(stack: Stack, colours: Colours) -> Iterator[tuple[Block | None, str]]:
    """Managed policies: of the colour of the roles that have them."""
    for role in stack.resources("aws_iam_role"):
        own = colours.of(role)
        for place, statement in stack.derived(_iam.Roles).granted(role) if own else ():
            if place.type == "aws_iam_policy":
                for colour, what in colours.used(_iam.resources(statement)):
                    if colour != own:
                        yield place, f"gives {role.address}, which is {own}, {what}"


check = ColoursStayApart()
