"""The file that says which stacks make a platform, and which of them holds what.

    # platform.toml
    [payments]
    payments-network = ["network", "encryption"]
    payments-data    = ["data", "ledger"]
    payments-traffic = []

A table is a platform, a key in it one of its stacks, the value the rooms that the stack holds: folders of the
pack's policies. What is absent from the whole platform is a finding on the stack that holds the room of the
policy; on the first stack, where none is said to. A stack may be in several platforms, as a network that two
of them share. A stack in none is judged by itself.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stack_gate.report import Problem

NAME = "platform.toml"
EXAMPLE = 'payments-data = ["data", "ledger"]'


@dataclass(frozen=True, slots=True)
class Platform:
    """`stacks`: names, the first one first; `holders`: room → name of the stack that holds it."""

    name: str
    stacks: tuple[str, ...]
    holders: Mapping[str, str]


@dataclass(slots=True)
class PlatformFile:
    """What a file says, and what is wrong with it; with errors there are no platforms."""

    platforms: list[Platform] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(path: Path, stacks: Iterable[str], rooms: Iterable[str]) -> PlatformFile:
    """The platforms of the file. `stacks`: names of those that are scanned; `rooms`: folders of the pack."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return _failed(path, f"can't be read: {error.strerror}", "give the path of a file that is there")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return _failed(path, f"is no TOML: {error}", f"write a table for each platform, with {EXAMPLE}")
    known = _Known(path, sorted(set(stacks)), sorted(set(rooms)))
    problems = [problem for name, table in content.items() for problem in known.problems(name, table)]
    if not content:
        problems = [known.problem("names no platform", f"write a table, such as [payments], with {EXAMPLE}")]
    if problems:
        return PlatformFile(problems=problems)
    return PlatformFile(
        [
            Platform(name, tuple(table), {room: stack for stack, held in table.items() for room in held})
            for name, table in content.items()
        ]
    )


def _failed(path: Path, what: str, fix: str) -> PlatformFile:
    return PlatformFile(problems=[Problem(f"{path} {what}", fix, path.as_posix())])


@dataclass(frozen=True, slots=True)
class _Known:
    path: Path
    stacks: list[str]
    rooms: list[str]

    def problem(self, what: str, fix: str) -> Problem:
        return Problem(f"{self.path} {what}", fix, self.path.as_posix())

    def problems(self, name: str, table: Any) -> Iterator[Problem]:
        """What is wrong with a platform."""
        if not isinstance(table, dict) or not table:
            yield self.problem(f"has {name}, which is no table of stacks", f"write [{name}], then {EXAMPLE}")
            return
        holders: dict[str, str] = {}
        for stack, held in table.items():
            key = f"{name}.{stack}"
            if stack not in self.stacks:
                yield self.problem(
                    f"has {key}, and no stack of that name is scanned",
                    f"name one of: {', '.join(self.stacks)}; or scan the directory that holds it, too",
                )
            if not isinstance(held, list) or not all(isinstance(room, str) for room in held):
                yield self.problem(f"has {key}, which is no list of rooms", f"write {EXAMPLE}, or []")
                continue
            for room in held:
                if room not in self.rooms:
                    fix = f"name rooms of the pack: {', '.join(self.rooms)}"
                    yield self.problem(f"has the room {room} in {key}, which the pack does not have", fix)
                elif (other := holders.setdefault(room, stack)) != stack:
                    fix = "say of one stack that it holds the room"
                    yield self.problem(f"has the room {room} in {key} and in {name}.{other}", fix)
