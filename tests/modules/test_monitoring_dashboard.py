"""The dashboard: a valid body, blue beside green, the traffic on top, nothing drawn that has no data."""

import json
import re
from itertools import combinations
from typing import Any

import pytest

from lambda_src.contract.actions import Action
from lambda_src.contract.values import Colour, Weights
from lambda_src.switch.listener import absent
from lambda_src.switch.move import Move
from lambda_src.switch.outcome import Outcome, Report
from lambda_src.switch.records import Records
from lambda_src.switch.routing import Routing
from modules.observability.widgets import Row, body, text
from tests.modules.monitored import Measured, alarms, problems
from tests.stack_reader import Stack

Widget = dict[str, Any]
# Dashboard body structure and syntax: a grid of 24 columns, widgets of these types.
KINDS = {"alarm", "log", "metric", "text"}


def widgets(stack: Stack) -> list[Widget]:
    found: list[Widget] = json.loads(stack.one("aws_cloudwatch_dashboard")["dashboard_body"])["widgets"]
    return found


def of_kind(stack: Stack, kind: str) -> list[Widget]:
    return [widget for widget in widgets(stack) if widget["type"] == kind]


def drawn(widget: Widget) -> list[Measured]:
    """The metrics of a metric widget; expressions are computed from those."""
    lines = [line for line in widget["properties"]["metrics"] if isinstance(line[0], str)]
    return [Measured(line[0], line[1], dict(zip(line[2:-1:2], line[3:-1:2], strict=True))) for line in lines]


def overlap(one: Widget, other: Widget) -> bool:
    return bool(
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )


def test_widgets_fill_the_grid_without_touching_each_other(stack: Stack) -> None:
    placed = widgets(stack)

    assert {widget["type"] for widget in placed} == KINDS
    assert not any(overlap(one, other) for one, other in combinations(placed, 2))
    for y in {widget["y"] for widget in placed}:
        row = [widget for widget in placed if widget["y"] == y]
        assert sum(widget["width"] for widget in row) == 24
        assert len({widget["height"] for widget in row}) == 1


def test_a_row_that_does_not_come_out_even_is_refused() -> None:
    with pytest.raises(ValueError, match="5 widgets don't fill"):
        body([Row(1, [text("one of five")] * 5)])


def test_nothing_is_drawn_that_has_no_data(stack: Stack) -> None:
    for widget in of_kind(stack, "metric"):
        found = [problem for metric in drawn(widget) for problem in problems(metric, stack)]
        assert found == [], widget["properties"]["title"]
        assert widget["properties"]["region"] == "us-east-1"


def test_the_traffic_of_both_colours_is_on_top(stack: Stack) -> None:
    top = [widget for widget in widgets(stack) if widget["y"] == 0]
    held, share, over_time, weights = top

    assert [metric.dimensions["Colour"] for metric in drawn(held)] == ["blue", "green"]
    assert {metric.name for metric in drawn(held)} == {"Weight"}
    kept = [line[0] for line in held["properties"]["metrics"] if isinstance(line[0], dict)]
    assert [(line["expression"], line["label"]) for line in kept] == [
        ("FILL(blue, REPEAT)", "blue"),
        ("FILL(green, REPEAT)", "green"),
    ]
    for widget in (share, over_time):
        groups = [stack.named(metric.dimensions["TargetGroup"]).path for metric in drawn(widget)]
        assert groups == ["blue/targets", "green/targets"]
        assert {metric.name for metric in drawn(widget)} == {"RequestCount"}
    assert share["properties"]["view"] == "pie"
    assert weights["properties"]["title"].startswith("Weights")


def test_every_graph_of_blue_has_its_like_of_green_at_the_same_height(stack: Stack) -> None:
    below = [widget for widget in of_kind(stack, "metric") if widget["y"] > 0]
    colours: dict[str, list[tuple[int, int, str, list[Any]]]] = {"blue": [], "green": []}
    for widget in below:
        text_of = json.dumps(widget)
        for colour, offset in (("blue", 0), ("green", 12)):
            if f"{colour}-database" in text_of or f"{colour}_targets" in text_of:
                measures = [(m.namespace, m.name, sorted(m.dimensions)) for m in drawn(widget)]
                threshold = widget["properties"]["annotations"]["horizontal"][0]["label"]
                title = widget["properties"]["title"]
                colours[colour].append((widget["x"] - offset, widget["y"], title, [measures, threshold]))

    assert colours["blue"] == colours["green"]
    assert len(colours["blue"]) >= 12


def test_thresholds_are_drawn_as_the_alarms_have_them(stack: Stack) -> None:
    values = {
        (line["value"], widget["properties"]["yAxis"]["left"]["label"])
        for widget in of_kind(stack, "metric")
        for line in widget["properties"].get("annotations", {}).get("horizontal", [])
    }
    thresholds = {alarm["threshold"] for alarm in alarms(stack).values()}

    assert {value for value, _ in values} <= thresholds
    assert {(800, "Count"), (1, "Seconds"), (50, "Milliseconds")} <= values


def test_every_alarm_has_its_state_shown_once(stack: Stack) -> None:
    shown = [
        stack.named(arn).name for widget in of_kind(stack, "alarm") for arn in widget["properties"]["alarms"]
    ]

    assert sorted(shown) == sorted(alarm.name for alarm in stack.all("aws_cloudwatch_metric_alarm"))


def logged_answers() -> set[str]:
    """Fields of the answers that the switch function logs, of a switch and of a status."""
    records = Records(active=Colour.GREEN, migration=None)
    listener = absent("arn", "production listener", "does not exist")
    outcome = Outcome(
        action=Action.SWITCH,
        move=Move(Routing(listener, listener), records, Weights(100, 0), Weights(0, 100), Colour.GREEN),
        before=Weights(100, 0),
        findings=(),
        test_weights=Weights(100, 0),
        migration=None,
        gates=(),
        writes=(),
    )
    status = Report(Colour.GREEN, Weights(0, 100), Weights(100, 0), {}, records, (), ())
    moved = {"ledger": dict.fromkeys(("from", "to", "epoch", "pause_ms")), "outcome": "done"}
    answers = {**outcome.to_json("request", None), **status.to_json(), **moved}
    return {
        f"answer.{key}.{inner}"
        for key, value in answers.items()
        if isinstance(value, dict)
        for inner in value
    }


def test_weights_shifts_and_moves_are_read_from_what_the_switch_function_logs(stack: Stack) -> None:
    tables = {table["properties"]["title"]: table["properties"] for table in of_kind(stack, "log")}

    assert list(tables) == ["Weights, last set or read", "Last shifts", "Last moves"]
    for title, table in tables.items():
        source = table["query"].split(" | ")[0]
        assert stack.named(source.removeprefix("SOURCE '").removesuffix("'")).path == "switching/switch/logs"
        fields = set(re.findall(r"answer\.\w+\.\w+", table["query"]))
        ends = ("ledger.to", "ledger.pause_ms") if title == "Last moves" else ("after.blue", "after.green")
        assert {f"answer.{end}" for end in ends} <= fields <= logged_answers()


def test_its_name_is_an_output(stack: Stack) -> None:
    assert stack.named(stack.output("dashboard_name")) == stack.one("aws_cloudwatch_dashboard")
