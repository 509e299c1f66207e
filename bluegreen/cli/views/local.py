"""Views of what `bluegreen local` tells about a deployment on this machine."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text

from bluegreen.cli.options import DEFAULT
from bluegreen.cli.views import traffic
from bluegreen.cli.views.times import stamp

# A line to be copied: not wrapped, however narrow the terminal is.
UNBROKEN: Mapping[str, Any] = {"no_wrap": True, "overflow": "ignore"}


def up_view(result: Mapping[str, Any], place: str) -> RenderableType:
    """What `up` changed, and the status table."""
    return Group(
        traffic.status_view(result["status"], place),
        Text(headline(result), style="bold"),
        Text(f"Answers at {result['url']}, its inactive colour at {result['test_url']}. Try:", **UNBROKEN),
        Text(f"  curl --cacert {result['certificates']} {result['url']}", **UNBROKEN),
        Text(f'For other tools of this shell: eval "$(bluegreen local env{_option(result)})"', style="dim"),
    )


def _option(result: Mapping[str, Any]) -> str:
    return "" if result["deployment"] == DEFAULT else f" --deployment {result['deployment']}"


def headline(result: Mapping[str, Any]) -> str:
    """What `up` did, in one sentence."""
    if not result["changed"]:
        return f"{result['deployment']} was up already: nothing was changed."
    done = "{added} added, {changed} changed, {removed} removed".format(**result["resources"])
    return f"{result['deployment']} is up: {done}, {len(result['targets'])} targets registered."


def status_view(result: Mapping[str, Any]) -> RenderableType:
    """Where the embedded AWS is."""
    if not result["running"]:
        return Text(f"{result['deployment']} is not up.")
    where = f"{result['endpoint']}, process {result['pid']}"
    return Group(
        Text(f"{result['deployment']} is up: {where}, {result['resources']} resources."),
        *(Text(f"Listener {item['port']}: {item['url']}") for item in result["listeners"]),
        *(Text(f"Service {colour}: {_condition(service)}") for colour, service in result["services"].items()),
    )


def denials_view(result: Mapping[str, Any]) -> RenderableType:
    """One denial a row, and below them why: calls, then connections."""
    return Group(_calls(result["denials"]), *_connections(result["egress"]))


def _calls(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not found:
        return Text("No call was denied.")
    table = Rows("At (UTC)", "Action", "~Resource", "~Caller")
    for one in found:
        table.add(stamp(one["at"]), one["action"], one["resource"], one["caller"])
    reasons = dict.fromkeys(f"{one['action']}, {one['operation']}: {one['reason']}" for one in found)
    return Group(table, *(Text(line, style="dim") for line in reasons))


def _connections(found: Sequence[Mapping[str, Any]]) -> Iterator[RenderableType]:
    if not found:
        return
    table = Rows("At (UTC)", "Service", "~Destination", "Denied by")
    for one in found:
        table.add(stamp(one["at"]), one["service"], one["destination"], one["by"])
    yield table
    for line in dict.fromkeys(f"{one['by']}: {one['reason']}" for one in found):
        yield Text(line, style="dim")


def _condition(service: Mapping[str, Any]) -> str:
    if not service["running"]:
        return "has ended; `bluegreen local up` starts it again"
    if service["mode"] == "none":
        return "as it should be"
    return f"told to fail: {service['mode']}, {service['share']:.0%} of its payments"
