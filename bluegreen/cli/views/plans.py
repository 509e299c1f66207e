"""Views of plans that are kept and applied."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Text
from safe_io.escapes import markdown

LONGEST_SUMMARY = 900_000  # characters


def planned_view(result: Mapping[str, Any]) -> RenderableType:
    """What would change, and by which name the plan is applied."""
    lines = [line for change in result["changes"] for line in _change(change)]
    apply = f"bluegreen apply {result['plan']} --deployment {result['deployment']}"
    return Group(
        *lines,
        *_half_made(result),
        *_kept_images(result),
        Text(headline(result), style="bold"),
        Text(f"kept at {result['kept_at']}", style="dim"),
        _unbroken(f"judge it: bluegreen guard {result['document']} --deployment {result['deployment']}"),
        _unbroken(f"apply it: {apply}"),
    )


def _change(change: Mapping[str, Any]) -> Iterator[RenderableType]:
    style = "bold red" if change["action"] in ("delete", "replace", "forget") else ""
    yield Text(f"  {change['action']:<8}{change['address']}", style=style)
    for attribute in change["attributes"]:
        forces = ", replaces it" if attribute["path"] in change["replaced_by"] else ""
        values = f"{attribute['before']} → {attribute['after']}"
        yield Text(f"            {attribute['path']}: {values}{forces}")


def planned_markdown(result: Mapping[str, Any]) -> str:
    """The same for the summary of a job, which GitHub limits to a megabyte."""
    lines = [f"## Plan `{markdown(result['plan'][:12])}`", "", f"**{markdown(headline(result))}**", ""]
    for number, change in enumerate(result["changes"]):
        if sum(map(len, lines)) > LONGEST_SUMMARY:
            left = len(result["changes"]) - number
            lines += [f"**{left} more changes are in the log of this job.**", ""]
            break
        lines += [f"### {change['action']} {markdown(change['address'])}", ""]
        if change["attributes"]:
            lines += ["| attribute | before | after |", "|---|---|---|"]
        for each in change["attributes"]:
            forces = " (replaces it)" if each["path"] in change["replaced_by"] else ""
            cells = (each["path"] + forces, each["before"], each["after"])
            lines.append("| " + " | ".join(map(markdown, cells)) + " |")
        lines.append("")
    return "\n".join(lines) + "\n"


def _half_made(result: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What an apply that did not finish has left, and what it needs before this plan is applied."""
    if result["tainted"]:
        yield Text(f"{len(result['tainted'])} are replaced because their creation did not finish:")
        yield from (Text(f"  {address}") for address in result["tainted"])
    for need in result["half_made"]:
        yield Text(f"{need['address']}: {need['what']}", style="bold")
        yield _unbroken(f"  {need['command']}")


def _kept_images(result: Mapping[str, Any]) -> Iterator[RenderableType]:
    for kept in result["kept_images"]:
        yield Text(f"{kept['colour']} keeps its image: an apply does not deploy another", style="bold")
        yield _unbroken(f"  bluegreen deploy --to {kept['colour']} --image {kept['configured']}")


def _unbroken(text: str) -> Text:
    """A line to be copied: not wrapped, however narrow the terminal is."""
    return Text(text, no_wrap=True, overflow="ignore")


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
