"""Widgets of a CloudWatch dashboard as data, and their place on its grid.

Source: CloudWatch API reference, "Dashboard body structure and syntax".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.observability.alarm import Alarm, Metric

COLUMNS = 24
RED = "#d62728"


@dataclass(frozen=True)
class Widget:
    """`kind`: text, metric, alarm or log; `properties` as the widget's kind takes them."""

    kind: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """Widgets side by side, of equal width, whose number has to divide 24; `height` in units of the grid."""

    height: int
    widgets: Sequence[Widget]


def body(rows: Sequence[Row]) -> str:
    """The dashboard's JSON, rows beneath each other. Raises ValueError where a row doesn't come out even."""
    placed: list[dict[str, Any]] = []
    y = 0
    for row in rows:
        width, left_over = divmod(COLUMNS, len(row.widgets))
        if left_over:
            raise ValueError(f"{len(row.widgets)} widgets don't fill the {COLUMNS} columns of a row evenly")
        for index, widget in enumerate(row.widgets):
            place = {"x": index * width, "y": y, "width": width, "height": row.height}
            placed.append({"type": widget.kind, **place, "properties": widget.properties})
        y += row.height
    return json.dumps({"start": "-PT12H", "widgets": placed})


def text(markdown: str) -> Widget:
    """A text in Markdown."""
    return Widget("text", {"markdown": markdown})


def alarm_states(title: str, arns: Sequence[str]) -> Widget:
    """The states of alarms, the one that changed last first."""
    return Widget("alarm", {"title": title, "alarms": list(arns), "sortBy": "stateUpdatedTimestamp"})


def log_table(title: str, *, log_group: str, query: str, region: str) -> Widget:
    """What a CloudWatch Logs Insights query finds in a log group within the dashboard's time, as a table."""
    return Widget(
        "log",
        {"title": title, "query": f"SOURCE '{log_group}' | {query}", "region": region, "view": "table"},
    )


def comparison(title: str, metrics: Mapping[str, Metric], *, region: str, **properties: Any) -> Widget:
    """Metrics by the colour that they are drawn in and labelled with."""
    lines = [_line(metric, {"label": colour, "color": _shade(colour)}) for colour, metric in metrics.items()]
    return Widget("metric", {"title": title, "region": region, "metrics": lines, **properties})


def held(title: str, metrics: Mapping[str, Metric], *, region: str, **properties: Any) -> Widget:
    """Metrics by colour that are only sent when something happens: each value holds until the next one."""
    lines: list[list[Any]] = []
    for colour, metric in metrics.items():
        lines.append(_line(metric, {"id": colour, "visible": False}))
        lines.append(
            [
                {
                    "expression": f"FILL({colour}, REPEAT)",
                    "id": f"{colour}_held",
                    "label": colour,
                    "color": _shade(colour),
                }
            ]
        )
    return Widget("metric", {"title": title, "region": region, "metrics": lines, **properties})


def counts(title: str, metrics: Mapping[str, Metric], *, region: str) -> Widget:
    """Metrics by their label, in CloudWatch's own colours, as bars."""
    lines = [_line(metric, {"label": label}) for label, metric in metrics.items()]
    return Widget("metric", {"title": title, "region": region, "metrics": lines, "view": "bar"})


def alarm_graph(title: str, alarm: Alarm, *, colour: str | None = None, region: str) -> Widget:
    """What an alarm measures, in its colour's colour, with its threshold as a line."""
    look: dict[str, Any] = {"label": alarm.name} | ({"color": _shade(colour)} if colour else {})
    return Widget(
        "metric",
        {
            "title": title,
            "region": region,
            "view": "timeSeries",
            "metrics": _lines(alarm, look),
            "annotations": {
                "horizontal": [{"label": f"rings {alarm.rings}", "value": alarm.threshold, "color": RED}]
            },
            "yAxis": {"left": {"min": 0, "label": alarm.unit, "showUnits": False}},
        },
    )


def _lines(alarm: Alarm, look: Mapping[str, Any]) -> list[list[Any]]:
    if isinstance(alarm.measure, Metric):
        return [_line(alarm.measure, look)]
    inputs = [_line(metric, {"id": id_, "visible": False}) for id_, metric in alarm.metrics.items()]
    return [*inputs, [{"expression": alarm.measure.expression, "id": "result", **look}]]


def _line(metric: Metric, look: Mapping[str, Any]) -> list[Any]:
    dimensions = [part for pair in metric.dimensions.items() for part in pair]
    options = {"stat": metric.statistic, "period": metric.period, **look}
    return [metric.namespace, metric.name, *dimensions, options]


def _shade(colour: str) -> str:
    """Of CloudWatch's own palette, so that both are told apart on white and on black."""
    return {"blue": "#1f77b4", "green": "#2ca02c"}[colour]
