"""The request context: condition keys and their values.

Source: IAM User Guide, "IAM JSON policy elements: Condition" (names of keys aren't case-sensitive, values
are) and "Single-valued vs. multivalued context keys" (how many values a key has is a matter of the request).
"""

from collections.abc import Iterable, Mapping

ContextValue = str | bool | int | float | Iterable[str]
# Whatever is passed for a key → its values.
Values = tuple[str, ...]


class Context:
    """Condition keys of one request. A key without values is absent."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, ContextValue], derived: Mapping[str, Values]) -> None:
        """`derived` holds keys (lower case) that follow from the caller. What `values` says of them wins."""
        given = {name.lower(): values_of(value) for name, value in values.items()}
        if len(given) < len(values):
            names = ", ".join(sorted(values, key=str.lower))
            raise ValueError(f"context: a key is given twice (names aren't case-sensitive): {names}")
        self._values: dict[str, Values] = {**derived, **given}

    def get(self, key: str) -> Values:
        """Values of `key` (lower case); empty: the key is absent."""
        return self._values.get(key, ())

    def variable(self, key: str) -> str | None:
        """The value for a policy variable: only a single-valued key has one."""
        values = self._values.get(key, ())
        return values[0] if len(values) == 1 else None


def values_of(value: ContextValue) -> Values:
    """What is passed for a key, as texts."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, int | float):
        return (str(value),)
    return tuple(value)
