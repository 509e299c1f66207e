"""`bluegreen release`: deploy to the colour that serves no traffic, then shift the traffic to it."""

from typing import Annotated

import typer

from bluegreen.cli import deploy
from bluegreen.cli.deploy import ImageOption
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import IntervalOption, ReasonOption, StateMachineOption
from bluegreen.cli.shift import ApproveOption, BakeOption, StepsOption, mistakes_told, shift_by
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.terminal import confirmed, needs_a_terminal
from bluegreen.operate.shifting import parse_plan
from lambda_src.contract.values import Colour


@on_target
def release(
    target: Target,
    *,
    image: ImageOption,
    steps_text: StepsOption,
    bake: BakeOption = "10m",
    approve_at: ApproveOption = None,
    approval_timeout: Annotated[
        str, typer.Option("--approval-timeout", metavar="TIME", help="After it: rolled back.")
    ] = "1h",
    reason: ReasonOption = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    interval: IntervalOption = 5.0,
    state_machine: StateMachineOption = None,
) -> None:
    """Deploy a version to the colour that serves no traffic; once its tasks are healthy, shift to it.

    A deployment that goes back ends it: no traffic moves. As JSON: what `bluegreen shift` has; of a
    deployment that did not complete, what `bluegreen deploy` has.

    On a real account:
        bluegreen release --image "$IMAGE" --steps 5,25,50,100 --approve-at 50 -d staging
    """
    if not yes:
        needs_a_terminal("release")
    to = _inactive(target)
    with mistakes_told():
        plan = parse_plan(
            to.value,
            steps_text=steps_text,
            bake=bake,
            approve_at=approve_at,
            approval_timeout=approval_timeout,
            deadline=None,
            reason=reason,
        )
    if not yes and not confirmed(f"Deploy {image} to {to}, and shift all traffic to it?"):
        raise CommandError(ExitCode.REFUSED, "not agreed to; nothing was changed", "run it again")
    deployed = deploy.carry_out(target, to, image, reason, interval)
    if deployed.code is not ExitCode.OK:
        deploy.finish(target, deployed)
    shift_by(target, plan, yes=True, detach=False, interval=interval, state_machine=state_machine)


def _inactive(target: Target) -> Colour:
    status = target.read({"action": "status"}, "looking for the colour that serves no traffic")
    weights = status["weights"] or {}
    idle = [colour for colour in Colour if weights.get(colour) == 0]
    if len(idle) != 1:
        raise CommandError(
            ExitCode.REFUSED,
            "both colours get traffic, or the weights are unreadable; nothing was changed",
            "run `bluegreen status`, end the share or the shift, then release again",
        )
    return idle[0]
