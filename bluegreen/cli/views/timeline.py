"""The traffic of both colours over time, as two rows of bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from safe_io import Text

from bluegreen.operate.shifting.durations import words
from lambda_src.contract.values import FULL

COLUMNS = 60
BESIDE = 16  # for the name of the colour and the weight: `green`, `100 %`, and the gaps
BARS = "·▁▂▃▄▅▆▇█"  # nothing at all looks different from a little
STYLES = {"blue": "bright_blue", "green": "bright_green"}


@dataclass(frozen=True)
class Sample:
    """The weights at a moment; None where they were not readable."""

    at: datetime
    blue: int | None
    green: int | None


def timeline(samples: Sequence[Sample]) -> "Timeline":
    """From the first sample to the last, however long that is, in columns of equal time."""
    return Timeline(samples)


class Timeline:
    """A renderable: at most COLUMNS columns, fewer where the terminal has no room."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = resampled(self._samples, max(2, min(COLUMNS, options.max_width - BESIDE)))
        span = words((self._samples[-1].at - self._samples[0].at).total_seconds())
        table = Table.grid(padding=(0, 2))
        for colour, style in STYLES.items():
            weights: list[int | None] = [getattr(sample, colour) for sample in shown]
            now = "?" if weights[-1] is None else str(weights[-1])
            table.add_row(colour, Text("".join(map(bar, weights)), style=style), f"{now} %")
        table.add_row("", Text(f"the last {span}", style="dim"), "")
        yield table


def bar(weight: int | None) -> str:
    """One column; any traffic is at least the lowest bar, only all of it the highest."""
    if weight is None:
        return "?"
    if weight in (0, FULL):
        return BARS[-1] if weight else BARS[0]
    return BARS[1 + weight * (len(BARS) - 2) // FULL]


def resampled(samples: Sequence[Sample], columns: int) -> list[Sample]:
    """One sample a column, the latest at its time, the very last one at the end."""
    if len(samples) <= columns:
        return list(samples)
    start, end = samples[0].at, samples[-1].at
    width = (end - start) / (columns - 1)
    found, taken = [], 0
    for column in range(columns - 1):
        until = start + width * column
        while taken + 1 < len(samples) and samples[taken + 1].at <= until:
            taken += 1
        found.append(samples[taken])
    return [*found, samples[-1]]
