"""`bluegreen shift`: all traffic to one colour, step by step, by itself, and back if a gate does not pass."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.following import finish, follow_to_the_end
from bluegreen.cli.options import IntervalOption, ReasonOption, StateMachineOption
from bluegreen.cli.target import Result, Target, on_target
from bluegreen.cli.terminal import confirmed, needs_a_terminal, notice, show_aside, waiting
from bluegreen.cli.views.control import blocked_by
from bluegreen.cli.views.plan import plan_view
from bluegreen.operate.shifting import Ledger, Outcome, PlanError, ShiftPlan, parse_plan, steps
from bluegreen.operate.shifting.plan import NO_LEDGER
from bluegreen.operate.workflow import ShiftMachine
from lambda_src.contract.aliases import Alias
from lambda_src.contract.attestation import KEY
from lambda_src.contract.values import FULL, Colour
from lambda_src.contract.workflow import SHIFT_PREFIX

StepsOption = Annotated[str, typer.Option("--steps", metavar="STEPS", help=f"Like {steps.EXAMPLES}.")]
BakeOption = Annotated[
    str, typer.Option("--bake", metavar="TIME", help="Bake time: how long each step is watched, like 10m.")
]
ApproveOption = Annotated[
    str | None, typer.Option("--approve-at", metavar="STEPS", help="Steps that need an approval first.")
]


@on_target
def shift(
    target: Target,
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour that gets the traffic.")],
    steps_text: StepsOption,
    bake: BakeOption = "10m",
    approve_at: ApproveOption = None,
    approval_timeout: Annotated[
        str, typer.Option("--approval-timeout", metavar="TIME", help="After it: rolled back.")
    ] = "1h",
    deadline: Annotated[
        str | None, typer.Option("--deadline", metavar="TIME", help="For the whole; after it: rolled back.")
    ] = None,
    ledger: Annotated[
        Ledger | None,
        typer.Option("--ledger", help="Whether the ledger moves, too: after the last bake, or never."),
    ] = None,
    ledger_at: Annotated[
        int | None,
        typer.Option("--ledger-at", metavar="STEP", help="Move the ledger once this step has baked."),
    ] = None,
    reason: ReasonOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Start it and return.")] = False,
    interval: IntervalOption = 5.0,
    state_machine: StateMachineOption = None,
) -> None:
    """Shift all traffic to one colour, step by step, and follow it. Ctrl-C ends the display only.

    Where there is a ledger, it moves after the last bake. If it does not move then, the traffic stays: exit
    code 4, `bluegreen ledger move` moves it. With --ledger-at, a ledger that does not move rolls back.

    As JSON: one document at the end: `workflow_id`, `outcome` (completed, rolled_back, refused, failed,
    superseded, interrupted, ledger_not_moved, started, detached, nothing_to_do), `exit_code`, `cause`,
    `weights`, `gates`, `workflow`, `plan`.

    Examples:
        bluegreen shift --to green --steps 25,100 --bake 5s --reason "release 42" --yes
        bluegreen shift --to blue --steps 50,100 --bake 5s --approve-at 100 --yes --detach

    On a real account:
        bluegreen shift --to green --steps 5,25,50,100 --approve-at 50 --reason "release 42" -d staging
    """
    with mistakes_told():
        plan = parse_plan(
            to.value,
            steps_text=steps_text,
            bake=bake,
            approve_at=approve_at,
            approval_timeout=approval_timeout,
            deadline=deadline,
            reason=reason,
            ledger=ledger,
            ledger_at=ledger_at,
        )
    if not yes:
        needs_a_terminal("shift")
    shift_by(
        target,
        plan,
        ledger=ledger,
        yes=yes,
        detach=detach,
        interval=interval,
        state_machine=state_machine,
    )


def shift_by(
    target: Target,
    plan: ShiftPlan,
    *,
    ledger: Ledger | None = None,
    yes: bool,
    detach: bool,
    interval: float,
    state_machine: str | None,
) -> None:
    """Carry a plan out, and exit as it ends."""
    machine = target.machine(state_machine)
    preflight = _asked(target, plan)
    there = preflight.get("ledger") is not None
    with mistakes_told():
        if ledger and not there:
            raise PlanError([f"--ledger {ledger}: {NO_LEDGER}"])
        given = plan.with_ledger(there=there)
    if answer := _agreed(plan, preflight, plan.told_of_ledger(there=there), yes=yes):
        finish(target, None, answer, given)
    name = _start(target, machine, given)
    outcome = Outcome("started", None, None, None)
    if not detach:
        outcome = follow_to_the_end(target, machine, name, interval)
    finish(target, name, outcome, given)


def _asked(target: Target, plan: ShiftPlan) -> Result:
    """Whether the first share would pass: for the later ones there is time to add targets."""
    request = {"action": "preflight", "target": plan.target, "percent": plan.steps[0]}
    return target.read(request, f"asking what keeps traffic from {plan.target}")


def _agreed(plan: ShiftPlan, preflight: Result, ledger: str, *, yes: bool) -> Outcome | None:
    """None: the function and the operator agree to the plan; otherwise why it is not begun."""
    weights = preflight["weights"]
    if weights and weights[plan.target] == FULL:
        return Outcome("nothing_to_do", f"{plan.target} has all the traffic", weights, None)
    if weights and weights[plan.target] >= plan.steps[0]:
        why = f"{plan.target} has {weights[plan.target]} % already; begin with a larger step, or roll back"
        return Outcome("refused", why, weights, None)
    show_aside(preflight, lambda shown: plan_view(plan, shown, datetime.now(UTC), ledger))
    if not preflight["ready"]:
        failed = [verdict for verdict in preflight["gates"] if not verdict["passed"]]
        return Outcome("refused", blocked_by(preflight), weights, None, failed)
    if not yes and not confirmed(f"Shift all traffic to {plan.target} like this?"):
        return Outcome("refused", "not agreed to", weights, None)
    return None


def _start(target: Target, machine: ShiftMachine, given: dict[str, Any]) -> str:
    """With the proof of who starts it, which the first step checks and the history records."""
    name = f"{SHIFT_PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    try:
        with waiting(f"starting {name}"):
            machine.start(name, given | {KEY: target.switch.attest(Alias.WORKFLOW, name, given)})
    except KeyboardInterrupt:
        notice(f"interrupted: it may have begun all the same. Look with `bluegreen follow {name}`.")
        raise
    return name


@contextmanager
def mistakes_told() -> Iterator[None]:
    try:
        yield
    except PlanError as error:
        lines = "".join(f"\n  {problem}" for problem in error.problems)
        count = len(error.problems)
        raise CommandError(
            ExitCode.INVALID,
            f"{count} {'mistake' if count == 1 else 'mistakes'} in the plan, nothing was begun{lines}",
            "correct the plan, for example: --steps 5,25,50,100 --bake 10m --approve-at 50",
        ) from error
