"""One line of the benchmark: a figure of ours beside a reference, both from the same run."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One quantity, measured twice; None where it can't be measured."""

    quantity: str
    """What was measured and in which unit, such as `synthesis, user time (s)`."""
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
        if self.ratio is None:
            return f"{self.quantity}: can't be measured on this platform"
        ours, reference = self.names
        figures = f"{ours} {self.ours:.2f}, {reference} {self.reference:.2f}, ratio {self.ratio:.3f}"
        if self.target is None:
            return f"{self.quantity}: {figures}"
        verdict = "MISSED" if self.missed else "met"
        return f"{self.quantity}: {figures} (target at most {self.target:.3f}: {verdict})"


def report(rows: Sequence[Row]) -> tuple[str, int]:
    """The rows as text, and the exit code: 0 if every target is met, 1 if one is missed."""
    return "".join(f"{row}\n" for row in rows), int(any(row.missed for row in rows))
