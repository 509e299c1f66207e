"""Reads one document: what its elements have in common, and how mistakes in them are reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from iam_evaluation.documents import Kind
from iam_evaluation.errors import PolicyError

OF_IDENTITIES = (Kind.IDENTITY, Kind.SERVICE_CONTROL)


@dataclass(frozen=True)
class Reader:
    """Of the document `name`. variables: whether its version has policy variables."""

    name: str
    kind: Kind
    variables: bool = False

    @property
    def of_identity(self) -> bool:
        """Whether it is attached to its principal."""
        return self.kind in OF_IDENTITIES

    def wrong(self, where: str, cause: str, fix: str) -> PolicyError:
        """To be raised."""
        return PolicyError(self.name, where, cause, fix)

    def without_twins(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """An object of the JSON, in which no name may occur twice."""
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twin = next(name for name in names if names.count(name) > 1)
            raise self.wrong(twin, f"{twin!r} occurs twice in one object", f"keep one {twin!r}")
        return found

    def only_known(self, element: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        """Names of elements are case-sensitive."""
        for key in element:
            if key not in known:
                near = get_close_matches(str(key), known, n=1, cutoff=0.6)
                fix = f"write {near[0]!r}" if near else f"remove it; known: {', '.join(known)}"
                raise self.wrong(where, f"{key!r} is no element", fix)

    def either(self, element: Mapping[str, Any], name: str, where: str) -> str | None:
        """Which of `name` and its negation there is."""
        present = [key for key in (name, f"Not{name}") if key in element]
        if len(present) > 1:
            raise self.wrong(where, f"it has {name} and Not{name}", "keep one of them")
        return present[0] if present else None

    def texts(self, element: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        """A string, or a list of at least one."""
        value = element[key]
        found = value if isinstance(value, list) else [value]
        if not found or not all(isinstance(one, str) for one in found):
            raise self.wrong(
                f"{where}.{key}", f"{value!r} is no string and no list of strings", "write strings"
            )
        return tuple(found)
