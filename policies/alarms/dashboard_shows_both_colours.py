"""What operators look at during a shift shows both colours, each as itself."""

import json
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import COLOURS, TARGET_GROUPS, Block, Body, Stack, Traffic, objects, strings
from stack_gate.stack.colours import said_colours

from policies._colours import Colours
from policies._policy import StackPolicy
from policies._switch import Switches
from policies.platform._tags import provider_of

_DASHBOARD = "aws_cloudwatch_dashboard"


class DashboardShowsBothColours(StackPolicy):
    policy = "CKV2_BG_457"
    title = "A dashboard shows the traffic of both colours, each under its own name"
    requirement = None
    pci = "10.4.1"
    severity = "MEDIUM"
    why = "During a shift operators compare the colours there, and stop or go on by what they see"
    fix = (
        "show metrics of the target groups of both colours in the dashboard_body of an "
        "aws_cloudwatch_dashboard, labelled with the colour, in the stack's region"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        shown: set[str] = set()
        for board in stack.resources(_DASHBOARD):
            widgets = _widgets(board)
            if not widgets:
                yield board, "has no widgets"
            for widget in widgets:
                yield from ((board, what) for what in _wrong(widget, board))
                metrics = (
                    objects(widget.get("properties"))[0].get("metrics") if widget.get("properties") else []
                )
                shown |= {group.key for group in stack.referred(metrics, *TARGET_GROUPS)}
        if stack.derived(Switches).known:
            boards = stack.resources(_DASHBOARD)
            for group in stack.derived(Traffic).coloured_groups:
                if group.key not in shown:
                    place = boards[0] if len(boards) == 1 else None
                    yield place, f"shows no metric of {group.address}"


def _widgets(board: Block) -> list[Body]:
    """The widgets; none where the body is no JSON, which CloudWatch refuses."""
    body = board.get("dashboard_body")
    try:
        found = json.loads(body) if isinstance(body, str) else body
    except ValueError:
        return []
    return objects(found.get("widgets")) if isinstance(found, dict) else []


def _wrong(widget: Body, board: Block) -> Iterator[str]:
    """Another region, and metrics of one colour that are called the other."""
    provider = provider_of(board)
    for properties in objects(widget.get("properties")):
        title, region = str(properties.get("title")), properties.get("region")
        own = provider.get("region") if provider else None
        if region and own and "${" not in f"{region}{own}" and region != own:
            yield f"shows {title} of {region}"
        metrics = properties.get("metrics")
        for row in metrics if isinstance(metrics, list) else ():
            yield from (f"calls {what}, in {title}" for what in _miscalled(row, board))


def _miscalled(row: Any, board: Block) -> Iterator[str]:
    label = [str(options.get("label")) for options in objects(row) if options.get("label")]
    said = said_colours(label)
    if len(said) != 1:
        return
    (colour,) = said
    for found in board.stack.referred(strings(row), *TARGET_GROUPS):
        own = board.stack.derived(Colours).of(found)
        if own in COLOURS and own != colour:
            yield f"{found.address} {colour}"


check = DashboardShowsBothColours()
