"""`bluegreen deploy`: a new version of the colour that serves no traffic, followed to its end."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from safe_io import Text

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import IntervalOption, ReasonOption
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.terminal import notice
from bluegreen.operate.client import SwitchError
from bluegreen.operate.deploying import Look, watch
from bluegreen.operate.images import ImageError, by_digest
from lambda_src.contract.values import Colour

ImageOption = Annotated[
    str,
    typer.Option("--image", metavar="IMAGE", help="REPOSITORY@sha256:…, or a tag, which is resolved first."),
]
TOLD = {
    "completed": "runs it: all tasks are healthy",
    "nothing_to_do": "runs it already",
    "rolled_back": "does NOT run it: it went back to the image before",
    "failed": "does NOT run it, and the way back has not ended: run `bluegreen status`",
    "superseded": "ended: a rollback of the traffic took over; run `bluegreen status`",
    "interrupted": "was stopped; it went back to the image before: run `bluegreen status`",
    "detached": "continues; this command stopped following it",
    "started": "has begun to replace its tasks",
}
_CODES = {
    **dict.fromkeys(("completed", "nothing_to_do", "started"), ExitCode.OK),
    "rolled_back": ExitCode.ROLLED_BACK,
    "detached": ExitCode.INTERRUPTED,
}


@dataclass(frozen=True)
class Deployed:
    """`outcome`: one of TOLD; `image`: what was asked for, `before`: what ran."""

    workflow_id: str | None
    outcome: str
    target: str
    image: str
    before: str
    cause: str | None = None
    rollout: Look | None = None

    @property
    def code(self) -> ExitCode:
        return _CODES.get(self.outcome, ExitCode.INCOMPLETE)


@on_target
def deploy(
    target: Target,
    *,
    to: Annotated[Colour, typer.Option("--to", help="The colour that gets it; it serves no traffic.")],
    image: ImageOption,
    reason: ReasonOption = "",
    detach: Annotated[bool, typer.Option("--detach", help="Start it and return.")] = False,
    interval: IntervalOption = 2.0,
) -> None:
    """Have the colour that serves no traffic run a new version, and follow its tasks until they are healthy.

    Tasks that don't become healthy lead back to the image before. Nothing but the image changes, and the next
    `bluegreen apply` keeps it. Ctrl-C ends the display only.

    As JSON: `workflow_id`, `outcome` (completed, nothing_to_do, started, detached, rolled_back, failed,
    superseded, interrupted), `exit_code`, `target`, `image`, `before`, `cause`, `rollout`.

    On a real account:
        bluegreen deploy --to green --image "$IMAGE" --reason "release 42" -d staging
    """
    finish(target, carry_out(target, to, image, reason, interval, detach=detach))


def carry_out(
    target: Target, to: Colour, image: str, reason: str, interval: float, *, detach: bool = False
) -> Deployed:
    """Deploy and follow. Raises CommandError, SwitchError: a refusal, after which nothing has changed."""
    named = _resolved(target, image)
    request = {"action": "deploy", "target": to.value, "image": named, "reason": reason}
    begun = target.act(request, f"deploying {named} to {to}")
    name = begun["workflow"]
    found = Deployed(name, "started", to.value, named, begun["before"])
    if name is None:
        return Deployed(None, "nothing_to_do", to.value, named, begun["before"])
    return found if detach else _followed(target, found, name, interval)


def finish(target: Target, deployed: Deployed) -> None:
    """Show how it ended and exit with what that means."""
    document = asdict(deployed) | {"exit_code": int(deployed.code)}
    target.show(document, deploy_view)
    raise typer.Exit(deployed.code)


def deploy_view(document: Any) -> RenderableType:
    """The end in one sentence, what runs, and why."""
    good = document["exit_code"] == ExitCode.OK
    outcome = document["outcome"]
    lines = [Text(f"{document['target']} {TOLD[outcome]}", style="bold green" if good else "bold red")]
    lines.append(Text(f"Image: {document['image']}"))
    if document["before"] != document["image"]:
        lines.append(Text(f"Before: {document['before']}"))
    if document["cause"]:
        lines.append(Text(f"Cause: {document['cause']}"))
    return Group(*lines)


def _resolved(target: Target, image: str) -> str:
    try:
        named = by_digest(image, target.switch.access)
    except ImageError as error:
        raise CommandError(ExitCode.INVALID, f"{error}; nothing was changed", error.fix) from error
    if named != image:
        notice(f"{image} is {named}")
    return named


def _followed(target: Target, begun: Deployed, name: str, interval: float) -> Deployed:
    told: str | None = None
    seen: Look = {"outcome": None, "workflow": None, "rollout": None}
    try:
        for seen in watch(target.switch, name, interval=interval):
            if (line := _line(seen)) != told:
                notice(line)
                told = line
    except KeyboardInterrupt:
        notice(f"detached: the deployment continues. End it with `bluegreen abort {name}`")
        return _ended(begun, seen, "detached")
    except SwitchError as error:
        raise CommandError(
            ExitCode.INCOMPLETE,
            f"deployment {name} continues, but its state is unreadable. {error}",
            "look with `bluegreen status`",
        ) from error
    return _ended(begun, seen, seen["outcome"] or "superseded")


def _ended(begun: Deployed, seen: Look, outcome: str) -> Deployed:
    cause = (seen["workflow"] or {}).get("cause")
    return Deployed(
        begun.workflow_id, outcome, begun.target, begun.image, begun.before, cause, seen["rollout"]
    )


def _line(seen: Look) -> str:
    rollout, workflow = seen["rollout"], seen["workflow"]
    if rollout is None or workflow is None:
        return "the deployment has ended"
    state = str(workflow["state"]).replace("_", " ")
    tasks = f"{rollout['running']} of {rollout['desired']} tasks of {rollout['revision']} run"
    return "; ".join([f"{state}: {tasks}", *(f"a task stopped: {reason}" for reason in seen["stopped"])])
