"""One line of the benchmark: a figure of ours beside a reference, both from the same run."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

_WHOLE_FROM = 100


@dataclass(frozen=True)
class Row:
    """One quantity, measured twice; None where it can't be measured."""

    quantity: str
    """What was measured, such as `synthesis, user time`."""
    unit: str
    """Such as `s`; empty for a count."""
    names: tuple[str, str]
    """Ours and the reference, such as `trimmed` and `stock`."""
    ours: float | None
    reference: float | None
    target: float | None
    """The largest ratio that will do; None: the figures are there to be known."""

    @property
    def ratio(self) -> float | None:
        """Ours to the reference."""
        return self.ours / self.reference if self.ours is not None and self.reference else None

    @property
    def missed(self) -> bool:
        """Whether the ratio is known and too large."""
        return self.ratio is not None and self.target is not None and self.ratio > self.target

    def __str__(self) -> str:
        if self.ours is None or self.reference is None or self.ratio is None:
            return f"{self.quantity}: can't be measured on this platform"
        ours, reference = (
            f"{name} {figure(value, self.unit)}"
            for name, value in zip(self.names, (self.ours, self.reference), strict=True)
        )
        figures = f"{ours}, {reference}, ratio {self.ratio:.3f}"
        if self.target is None:
            return f"{self.quantity}: {figures}"
        verdict = "MISSED" if self.missed else "met"
        return f"{self.quantity}: {figures} (target at most {self.target:.3f}: {verdict})"


def figure(value: float, unit: str) -> str:
    """A value as people read it: `1.47 s`, `1,185 MB`, `18`."""
    number = f"{value:,.0f}" if not unit or value >= _WHOLE_FROM else f"{value:,.2f}"
    return f"{number} {unit}".rstrip()


def show(rows: Sequence[Row]) -> int:
    """Prints the rows. Returns the exit code: 0 if every target is met, 1 if one is missed."""
    sys.stdout.write("".join(f"{row}\n" for row in rows))
    return int(any(row.missed for row in rows))
