"""Values that go over the wire, frozen. `to_json` gives what callers, SSM and logs get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

FULL = 100


class Colour(StrEnum):
    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> Colour:
        return Colour.GREEN if self is Colour.BLUE else Colour.BLUE


@dataclass(frozen=True)
class Weights:
    """Relative weights of a forward action, 0 to 999 each; in a healthy platform percentages, which sum to
    100.
    """

    blue: int
    green: int

    @classmethod
    def giving(cls, colour: Colour, percent: int) -> Weights:
        rest = FULL - percent
        return cls(percent, rest) if colour is Colour.BLUE else cls(rest, percent)

    def of(self, colour: Colour) -> int:
        return self.blue if colour is Colour.BLUE else self.green

    @property
    def valid(self) -> bool:
        return min(self.blue, self.green) >= 0 and self.blue + self.green == FULL

    @property
    def holder(self) -> Colour | None:
        """The colour that has all the traffic; None while it is shared."""
        return next((colour for colour in Colour if self == Weights.giving(colour, FULL)), None)

    def __str__(self) -> str:
        return f"blue {self.blue} / green {self.green}"

    def to_json(self) -> dict[str, int]:
        return {"blue": self.blue, "green": self.green}


@dataclass(frozen=True)
class Verdict:
    """What a gate says. `value` is what was found and `threshold` what it is held against, in words.
    `fix`: the step that makes it pass, where the gate knows one. `colour`: None where it concerns both.
    """

    gate: str
    passed: bool
    value: str
    threshold: str
    colour: Colour | None = None
    fix: str = ""

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Verdict:
        """Of what `to_json` gave. Entries of the history that an earlier version wrote say `side`."""
        fields = dict(document)
        colour = fields.pop("side", None) or fields.pop("colour", None)
        return cls(**fields | {"colour": Colour(colour) if colour else None})

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    def __str__(self) -> str:
        of = f" of {self.colour}" if self.colour else ""
        return f"{self.gate}{of}: {self.value}, wanted: {self.threshold}"
