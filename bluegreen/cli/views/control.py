"""Views of what guards the traffic: preflight, freeze, reconcile, and these in `status`."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Text

from bluegreen.cli.views.findings import findings_lines, whole
from bluegreen.cli.views.gates import failing, gates_table, sentence
from bluegreen.cli.views.images import repaired_lines
from bluegreen.cli.views.times import stamp
from bluegreen.cli.views.workflow import in_progress, workflow_lines


def preflight_view(result: Mapping[str, Any]) -> RenderableType:
    """Whether a move would be allowed, and every verdict."""
    share = f"{result['percent']} % of the traffic"
    verdict = "may have" if result["ready"] else "may NOT have"
    return Group(
        Text(f"{result['target']} {verdict} {share} now", style="green" if result["ready"] else "red"),
        Text(f"Weights: {weights(result['weights'])}"),
        gates_table(result["gates"]),
        *(whole(f"fix: {verdict['fix']}") for verdict in failing(result["gates"]) if verdict.get("fix")),
        *hindrances(result),
    )


def hindrances(result: Mapping[str, Any]) -> list[Text]:
    """Lock, freeze and workflow in progress, as far as there are any."""
    lines = []
    if lock := result.get("lock"):
        lines.append(Text(_locked(lock)))
    if frozen := result.get("frozen"):
        lines.append(Text(_frozen(frozen), style="yellow"))
    if (workflow := result.get("workflow")) and in_progress(workflow):
        lines += workflow_lines(workflow)
    return lines


def freeze_view(result: Mapping[str, Any]) -> RenderableType:
    """Of freeze and unfreeze."""
    if result["frozen"]:
        return Text(f"{_frozen(result['frozen'])}\nOnly a rollback moves traffic now.", style="yellow")
    return Text("Not frozen: traffic may move.")


def reconcile_view(result: Mapping[str, Any]) -> RenderableType:
    """What was put right, and what could not be."""
    findings = findings_lines(result.get("findings", ()))
    nothing = "nothing" if findings else "nothing, all agreed"
    images = repaired_lines(result.get("images"))
    written = Text(f"Written: {', '.join(result.get('writes') or ()) or nothing}")
    return Group(written, *images, *findings)


def weights(found: Mapping[str, int] | None) -> str:
    """`blue 75, green 25`."""
    return ", ".join(f"{colour} {weight}" for colour, weight in found.items()) if found else "not readable"


def blocked_by(result: Mapping[str, Any]) -> str:
    """What a preflight that is not ready fails on."""
    found = [sentence(verdict) for verdict in failing(result["gates"])]
    if not found and (lock := result.get("lock")):
        found.append(_locked(lock))
    return "; ".join(found) or "the function did not say"


def _locked(lock: Mapping[str, Any]) -> str:
    """By a workflow, by a request that is just running, or by one of the other."""
    request = f"request {lock['request']}" if lock["request"] else None
    return (
        f"Locked by {' and '.join(filter(None, (lock['holder'], request)))} until {stamp(lock['until'])} UTC"
    )


def _frozen(frozen: Mapping[str, Any]) -> str:
    return f"Frozen since {stamp(frozen['at'])} UTC by {frozen['by'] or 'an operator'}: {frozen['reason']}"
