"""View of how a shift ended."""

from rich.console import Group, RenderableType
from safe_io import Text

from bluegreen.cli.views.control import weights
from bluegreen.cli.views.findings import findings_lines
from bluegreen.cli.views.gates import gates_table
from bluegreen.operate.shifting.outcome import Outcome

TOLD = {
    "completed": "completed",
    "rolled_back": "rolled back: all traffic is where it was",
    "refused": "refused: nothing was changed",
    "failed": "FAILED, and so did its rollback: run `bluegreen status`, then `bluegreen rollback`",
    "ledger_not_moved": "moved all traffic, which stays; the ledger was NOT moved",
    "superseded": "ended: another client moved the traffic",
    "interrupted": "was stopped midway: `bluegreen rollback` rolls it back",
    "nothing_to_do": "has nothing to do: the traffic is there already",
    "started": "started",
    "detached": "continues; this command stopped following it",
}


def outcome_view(name: str, outcome: Outcome) -> RenderableType:
    """The end in one sentence, where the traffic is, and why."""
    bad = outcome.name in (
        "rolled_back",
        "refused",
        "failed",
        "superseded",
        "interrupted",
        "ledger_not_moved",
    )
    bad = bad or outcome.elsewhere
    headline = Text(f"{name} {TOLD[outcome.name]}", style="bold red" if bad else "bold green")
    lines: list[RenderableType] = [headline]
    if outcome.weights:
        lines.append(Text(f"Weights: {weights(outcome.weights)}"))
    if outcome.cause:
        lines.append(Text(f"Cause: {outcome.cause}"))
    if outcome.name == "ledger_not_moved":
        to = (outcome.workflow or {}).get("target", "COLOUR")
        lines.append(Text(f"fix: run `bluegreen ledger status`, then `bluegreen ledger move --to {to}`"))
    if outcome.gates:
        lines.append(gates_table(outcome.gates))
    lines += findings_lines(outcome.findings)
    return Group(*lines)
