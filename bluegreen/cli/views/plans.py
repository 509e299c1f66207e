"""Views of plans that are kept and applied."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType

from bluegreen.output import Text


def planned_view(result: Mapping[str, Any]) -> RenderableType:
    """What would change, and by which name the plan is applied."""
    lines = [Text(f"  {change['action']:<8}{change['address']}") for change in result["changes"]]
    apply = f"bluegreen apply {result['plan']} --deployment {result['deployment']}"
    return Group(
        *lines,
        Text(headline(result), style="bold"),
        Text(f"kept at {result['kept_at']}", style="dim"),
        Text(f"judge it: bluegreen guard {result['document']} --deployment {result['deployment']}"),
        Text(f"apply it: {apply}"),
    )


def headline(result: Mapping[str, Any]) -> str:
    """What the plan would do, in one sentence."""
    counts = Counter(change["action"] for change in result["changes"])
    if counts:
        return f"{result['deployment']}: {', '.join(f'{n} to {what}' for what, n in sorted(counts.items()))}."
    outputs = "only outputs change" if result["changes_outputs"] else "nothing to change"
    return f"{result['deployment']}: {outputs}."


def applied_view(result: Mapping[str, Any]) -> RenderableType:
    """What was changed."""
    done = "{added} added, {changed} changed, {removed} removed".format(**result["resources"])
    return Text(f"{result['deployment']}: {done}.", style="bold")
