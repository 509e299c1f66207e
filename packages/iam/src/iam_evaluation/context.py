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

    def __init__(self, values: Mapping[str, ContextValue], derived: Mapping[str, ContextValue]) -> None:
        """`derived` holds keys that follow from the caller. What `values` says of the same key wins."""
        self._values: dict[str, Values] = {name.lower(): _values(value) for name, value in derived.items()}
        given: set[str] = set()
        for name, value in values.items():
            key = name.lower()
            if key in given:
                raise ValueError(
                    f"context: {name!r} is given twice: names of condition keys aren't case-sensitive"
                )
            given.add(key)
            self._values[key] = _values(value)

    def get(self, key: str) -> Values:
        """Values of `key` (lower case); empty: the key is absent."""
        return self._values.get(key, ())

    def variable(self, key: str) -> str | None:
        """The value for a policy variable: only a single-valued key has one."""
        values = self._values.get(key, ())
        return values[0] if len(values) == 1 else None


def _values(value: ContextValue) -> Values:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, int | float):
        return (str(value),)
    return tuple(value)
