"""Which colour each resource is of: by its tags, by what AWS calls it, by its label."""

from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Stack, strings
from stack_gate.stack.colours import said_colours

_NAMES = ("name", "cluster_identifier", "identifier", "family", "function_name")
# Texts, and where a copy of a database comes from: a migration begins with one.
_NO_NAMES = frozenset({
    "alarm_description", "comment", "depends_on", "description", "replicate_source_db",
    "replication_source_identifier", "restore_to_point_in_time", "snapshot_identifier", "tags", "tags_all",
})  # fmt: skip


class Colours:
    """The colours of one stack's resources."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._of = {block.key: _own(block) for block in stack.resources()}

    def of(self, block: Block) -> str | None:
        """Blue, green, or None: of neither, or of both."""
        return self._of.get(block.key)

    def used(self, value: Any, *, by_name: bool = True) -> list[tuple[str, str]]:
        """(colour, what) of everything of one colour that a value refers to; also by its name alone."""
        found = [
            (colour, block.address)
            for block in self._stack.referred(value)
            if (colour := self.of(block)) is not None
        ]
        for text in _texts(value) if by_name else ():
            said = said_colours([text])
            if "${" not in text and len(said) == 1:
                found.append((said.pop(), text))
        return found


def _own(block: Block) -> str | None:
    evidence = (
        strings(block.blocks("tags")),
        [text for name in _NAMES for text in strings(block.get(name)) if "${" not in text],
        [block.label],
    )
    for texts in evidence:
        said = said_colours(texts)
        if len(said) == 1:
            return said.pop()
    return None


def apart(block: Block) -> dict[str, Any]:
    """The arguments that connect a resource with others."""
    return {key: value for key, value in block.body.items() if key not in _NO_NAMES}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in _NO_NAMES:
                yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
