"""`bluegreen local health`: what AWS says of a colour's targets, whatever their service answers."""

from typing import Annotated

import embedded_aws
import typer
from safe_io import say

from bluegreen.cli.connect import outputs, running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.local.answering import targets_of
from bluegreen.cli.options import DEFAULT, DeploymentOption
from lambda_src.contract.values import Colour


def _state(value: str) -> str:
    states = (embedded_aws.CHECKED, *embedded_aws.HEALTH_STATES)
    if value not in states:
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(states)}")
    return value


def health(
    *,
    colour: Annotated[Colour, typer.Option("--colour", help="The colour.")],
    state: Annotated[
        str,
        typer.Option(
            "--state", callback=_state, help="A state of target health; `checked`: what health checks find."
        ),
    ],
    reason: Annotated[str | None, typer.Option("--reason", help="Reason code, like Target.Timeout.")] = None,
    target: Annotated[str | None, typer.Option("--target", help="Address of one target only.")] = None,
    deployment: DeploymentOption = DEFAULT,
) -> None:
    """Set the health of a colour's targets by hand, until it is set to `checked`.

    Their service goes on as before: what makes it fail is `bluegreen local fail`.

    Examples:
        bluegreen local health --colour green --state unhealthy
        bluegreen local health --colour green --state checked
    """
    place = Deployment(deployment)
    aws = running_aws(place)
    name = f"{colour}_target_group_arn"
    group = outputs(place, aws.environment(), [name])[name]
    registered = [name for name, _ in targets_of(aws, group)]
    if target and target not in registered:
        raise typer.BadParameter(
            f"{target} is none of the targets {', '.join(registered)}", param_hint="--target"
        )
    changed = embedded_aws.set_target_health(aws, group, state, target_id=target, reason=reason)
    say(f"{colour} in {deployment}: {', '.join(changed)} now {state}")
