"""CloudWatch metrics in the embedded metric format: log lines that CloudWatch Logs turns into metrics.

Namespace `BlueGreen/Switch`; every metric has the dimension `Deployment`, the function's name, and one more:
`Weight` (Percent) by `Colour`, `DurationMs` (Milliseconds) by `Action`, `Refusals` (Count) by `Gate`,
`LedgerPauseMs` (Milliseconds) by `Colour`, whose database the ledger moved to.
Source: CloudWatch user guide, "Specification: Embedded metric format".
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from ..contract.values import Verdict

NAMESPACE = "BlueGreen/Switch"


def measured(
    deployment: str,
    action: str,
    duration_ms: int,
    weights: Mapping[str, int] | None,
    *,
    gates: Iterable[Verdict] = (),
    moved: Mapping[str, object] | None = None,
) -> list[dict[str, object]]:
    """The lines of one invocation. `weights`: production's by colour, where they are known; `moved`: what
    became of a move of the ledger (`to`, `pause_ms`).
    """
    lines = [_line(deployment, "DurationMs", "Milliseconds", duration_ms, ("Action", action))]
    lines += [
        _line(deployment, "Weight", "Percent", weight, ("Colour", colour))
        for colour, weight in (weights or {}).items()
    ]
    if moved and isinstance(pause := moved["pause_ms"], int):
        lines.append(_line(deployment, "LedgerPauseMs", "Milliseconds", pause, ("Colour", str(moved["to"]))))
    refusing = sorted({verdict.gate for verdict in gates if not verdict.passed})
    return lines + [_line(deployment, "Refusals", "Count", 1, ("Gate", gate)) for gate in refusing]


def _line(
    deployment: str, metric: str, unit: str, value: int, dimension: tuple[str, str]
) -> dict[str, object]:
    name, of = dimension
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Deployment", name]],
        "Metrics": [{"Name": metric, "Unit": unit}],
    }
    return {
        "_aws": {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]},
        "Deployment": deployment,
        name: of,
        metric: value,
    }
