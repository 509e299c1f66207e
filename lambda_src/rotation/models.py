"""Values that the rotation function works with, frozen. Passwords are in no repr."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"


class Step(StrEnum):
    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


@dataclass(frozen=True)
class Request:
    """A validated event. `token` is the id of the version that this rotation makes."""

    step: Step
    secret_arn: str
    token: str


@dataclass(frozen=True)
class Credentials:
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Versions:
    """The labelled versions of the secret: id → labels. One may be listed that has no value yet."""

    labels: Mapping[str, frozenset[str]]

    @property
    def current(self) -> str | None:
        """The version that applications get; None before the first rotation."""
        return next((version for version, labels in self.labels.items() if CURRENT in labels), None)

    def has(self, version: str, *labels: str) -> bool:
        """Whether the version has one of these labels."""
        return not self.labels.get(version, frozenset()).isdisjoint(labels)


@dataclass(frozen=True)
class Users:
    """The two database users that take turns."""

    first: str
    second: str

    @classmethod
    def of(cls, base: str) -> Users:
        return cls(f"{base}_a", f"{base}_b")

    def __contains__(self, name: str) -> bool:
        return name in (self.first, self.second)

    def other_than(self, name: str | None) -> str:
        """The one whose turn it is while `name` is in use, which may be another user or none."""
        return self.second if name == self.first else self.first
