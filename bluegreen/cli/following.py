"""What `shift` and `follow` have in common: look until the end, then say how it ended.

The JSON document of both: `workflow_id`, `outcome` (completed, rolled_back, refused, failed, superseded,
interrupted, ledger_not_moved; started and detached: it continues; nothing_to_do), `exit_code`, `cause` (one
sentence), `raw_cause` (as Step Functions has it), `weights`, `gates` (the verdicts that it failed on),
`findings` (what sends clients elsewhere than the weights say), `workflow` (the function's record of it) and
`plan` (null where it is not ours).
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NoReturn

import safe_io as out
import typer
from rich.live import Live

from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import Output
from bluegreen.cli.target import Target
from bluegreen.cli.terminal import notice
from bluegreen.cli.views.follow import follow_view
from bluegreen.cli.views.narration import Narrator
from bluegreen.cli.views.outcome import outcome_view
from bluegreen.cli.views.timeline import Sample
from bluegreen.operate.client import SwitchError
from bluegreen.operate.shifting import Observation, Outcome, conclude, watch
from bluegreen.operate.workflow import NoExecutionError, ShiftMachine

CODES = {
    "completed": ExitCode.OK,
    "started": ExitCode.OK,
    "nothing_to_do": ExitCode.OK,
    "refused": ExitCode.REFUSED,
    "detached": ExitCode.INTERRUPTED,
}


def follow_to_the_end(target: Target, machine: ShiftMachine, name: str, interval: float) -> Outcome:
    """Show how the shift goes until it has ended, or until Ctrl-C. Raises CommandError when it is lost."""
    seen = Observation(datetime.now(UTC), None, None)
    try:
        with _shown(target.output, name) as show:
            for seen in watch(target.switch, machine, name, interval=interval):
                show(seen)
    except KeyboardInterrupt:
        notice(f"detached: the shift continues. Look again with `bluegreen follow {name}`, end it with")
        notice(f"`bluegreen abort {name}`")
        return Outcome("detached", None, (seen.status or {}).get("weights"), seen.workflow(name))
    except NoExecutionError as error:
        raise CommandError(ExitCode.INVALID, str(error), "`bluegreen history` names the shifts") from error
    except SwitchError as error:
        raise CommandError(
            ExitCode.INCOMPLETE,
            f"shift {name} continues, but its state is unreadable. {error}",
            f"look again with `bluegreen follow {name}`",
        ) from error
    return conclude(name, seen)


def finish(target: Target, name: str | None, outcome: Outcome, plan: Mapping[str, Any] | None) -> NoReturn:
    """Show how it ended and exit with what that means."""
    rolled_back = ExitCode.ROLLED_BACK if outcome.rolled_back else ExitCode.INCOMPLETE
    code = ExitCode.INCOMPLETE if outcome.elsewhere else CODES.get(outcome.name, rolled_back)
    document = {
        "workflow_id": name,
        "outcome": outcome.name,
        "exit_code": int(code),
        "cause": outcome.cause,
        "raw_cause": outcome.raw_cause,
        "weights": outcome.weights,
        "gates": list(outcome.gates),
        "findings": list(outcome.findings),
        "workflow": outcome.workflow,
        "plan": plan,
    }
    title = name or "The shift"
    target.show(document, lambda shown: outcome_view(title, replace(outcome, gates=shown["gates"])))
    raise typer.Exit(code)


class _Lines:
    """For pipelines: notices on standard error."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._narrator = Narrator()

    def __call__(self, seen: Observation) -> None:
        workflow, status = out.data(seen.workflow(self._name)), out.data(seen.status or {})
        gates = status.get("gates", {}).get(workflow["target"], ()) if workflow else ()
        for line in self._narrator.lines(seen.at, workflow, gates, status.get("weights"), seen.trouble):
            notice(f"{seen.at:%H:%M:%S} {line}")


class _Screen:
    """For people: one picture that is drawn anew."""

    def __init__(self, name: str, live: Live) -> None:
        self._name = name
        self._live = live
        self._samples: list[Sample] = []

    def __call__(self, seen: Observation) -> None:
        weights = (seen.status or {}).get("weights") or {}
        self._samples.append(Sample(seen.at, weights.get("blue"), weights.get("green")))
        status, workflow = out.data(seen.status or {}), out.data(seen.workflow(self._name))
        frame = follow_view(self._name, status, workflow, self._samples, seen.trouble)
        self._live.update(frame, refresh=True)


@contextmanager
def _shown(output: Output, name: str) -> Iterator[_Lines | _Screen]:
    console = out.console()
    if output is Output.json or not out.on_terminal(console):
        yield _Lines(name)
        return
    with Live(console=console, transient=True, auto_refresh=False) as live:
        yield _Screen(name, live)
