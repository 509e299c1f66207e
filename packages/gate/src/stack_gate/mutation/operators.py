"""What a mutant is: one argument of one block changed by one operator.

| operator | does |
|---|---|
| drop | takes out an argument, a nested block or an item of a list |
| widen | everybody, every action, every address, more of a list, a number far above |
| redirect | refers to another resource of the type; the other colour; another name, another account |
| detach | refers to nothing of the stack any more; takes out a resource that nothing refers to |
| invert | the opposite: of a boolean, an effect, a comparison, a protocol; zero for a number |
| indirect | a value that an apply alone gives |

A seventh, rename, is how half of the mutants are written: under names that say nothing, behind a local.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from stack_gate.blocks import Block
from stack_gate.mutation.defaults import is_default
from stack_gate.mutation.places import DROPPED, Path, called, places

MUTATED = frozenset({"data", "output", "provider", "resource", "terraform"})
STRANGER = "222222222222"
UNKNOWN_TYPE, UNKNOWN_NAME = "aws_availability_zones", "mutated"
UNKNOWN = f"${{data.{UNKNOWN_TYPE}.{UNKNOWN_NAME}.id}}"
REFERENCE = re.compile(r"\$\{([a-z]\w*)\.([A-Za-z_][\w-]*)((?:\[\d+\])?(?:\.[\w-]+)*)\}")
_CIDR = re.compile(r"\d+\.\d+\.\d+\.\d+/\d+")
_CIDR6 = re.compile(r"[0-9a-f:]*:[0-9a-f:]*/\d+")
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_COLOURS = {
    "blue": "green",
    "green": "blue",
    "Blue": "Green",
    "Green": "Blue",
    "BLUE": "GREEN",
    "GREEN": "BLUE",
}
_COLOUR = re.compile("|".join(_COLOURS))
_PORTS = {"from_port": 0, "to_port": 65535}
_FAR = 1000  # times
_OPPOSITES = {
    "Allow": "Deny",
    "true": "false",
    "enabled": "disabled",
    "ENABLED": "DISABLED",
    "HTTPS": "HTTP",
    "On": "Off",
    "block": "count",
    "tcp": "-1",
    "private": "public",
    "forward": "fixed-response",
    "GreaterThanThreshold": "LessThanThreshold",
    "GreaterThanOrEqualToThreshold": "LessThanOrEqualToThreshold",
}
OPPOSITES = _OPPOSITES | {second: first for first, second in _OPPOSITES.items()}
_WILDCARDS = frozenset(
    {"Action", "AWS", "Principal", "Resource", "Service", "identifiers", "actions", "resources"}
)
_CONDITIONS = {"StringEquals": "StringNotEquals", "StringLike": "StringNotLike", "ArnEquals": "ArnNotEquals"}
_CONDITIONS |= {"ArnLike": "ArnNotLike", "Bool": "Null", "IpAddress": "NotIpAddress"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """`argument`: what it changes, whichever resource of the type; `at`: the block's place in the stack;
    `value`: what stands at the path then.
    """

    operator: str
    address: str
    argument: str
    at: int
    path: Path
    value: Any = field(repr=False)

    @property
    def is_disguised(self) -> bool:
        """Half of them are, always the same."""
        return bool(crc32(f"{self.operator}{self.address}{self.path}".encode()) % 2)


def mutants(blocks: Sequence[Block]) -> list[Mutant]:
    """Every mutant of a stack, given its blocks."""
    names: dict[str, list[str]] = {}
    for block in blocks:
        if block.kind == "resource":
            names.setdefault(block.labels[0], []).append(block.labels[1])
    referred = {f"{type_}.{name}" for block in blocks for type_, name in _referred(block.body)}
    found: list[Mutant] = []
    for at, block in enumerate(blocks):
        if block.kind not in MUTATED:
            continue
        subject = subject_of(block)
        if block.kind == "resource" and block.address not in referred:
            found.append(Mutant("detach", block.address, subject, at, (), DROPPED))
        for path, value in places(block.body):
            argument = f"{subject}.{called(path)}"
            found += (
                Mutant(operator, block.address, argument, at, path, new)
                for operator, new in _changes(path, value, names)
                if operator != "drop" or not is_default(argument, value)
            )
    return found


def subject_of(block: Block) -> str:
    """What arguments of a block are listed under: its type, or its kind."""
    if block.kind == "resource":
        return block.labels[0]
    return f"{block.kind}.{block.labels[0]}" if block.kind in ("data", "provider") else block.kind


def _referred(value: Any) -> Iterator[tuple[str, str]]:
    for _, item in places(value):
        if isinstance(item, str):
            yield from ((match[1], match[2]) for match in REFERENCE.finditer(item))


def _changes(path: Path, value: Any, names: Mapping[str, list[str]]) -> Iterator[tuple[str, Any]]:
    yield "drop", DROPPED
    if isinstance(value, bool):
        yield "invert", not value
    elif isinstance(value, int | float):
        yield "widen", _PORTS.get(str(path[-1]), value * _FAR or _FAR)
        if value:
            yield "invert", 0
    elif isinstance(value, str):
        yield from _of_text(path, value, names)
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        yield "widen", [*value, _elsewhere(value[-1])]
    elif isinstance(value, dict) and path[-1] == "Condition":
        yield from (
            ("invert", {_CONDITIONS.get(key, key): item for key, item in value.items()})
            for name in value
            if name in _CONDITIONS
        )
    if isinstance(value, bool | int | float | str) and path[0] not in ("lifecycle", "depends_on"):
        yield "indirect", UNKNOWN


def _of_text(path: Path, value: str, names: Mapping[str, list[str]]) -> Iterator[tuple[str, Any]]:
    yield from (("widen", wide) for wide in _wider(path, value) if wide != value)
    if value in OPPOSITES:
        yield "invert", OPPOSITES[value]
    reference = REFERENCE.search(value)
    if reference is None:
        yield "redirect", _elsewhere(value)
        return
    others = [name for name in names.get(reference[1], []) if name != reference[2]]
    if others:
        other = others[crc32(reference[2].encode()) % len(others)]
        yield "redirect", value.replace(reference[0], f"${{{reference[1]}.{other}{reference[3]}}}")
    yield "detach", value.replace(reference[0], _foreign(reference))


def _wider(path: Path, value: str) -> Iterator[str]:
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if _CIDR.fullmatch(value):
        yield "0.0.0.0/0"
    elif _CIDR6.fullmatch(value):
        yield "::/0"
    elif key in _WILDCARDS:
        yield "*"
        service, colon, action = value.partition(":")
        if key in ("Action", "actions") and colon and action:
            yield f"{service}:*"


def _elsewhere(value: str) -> str:
    """Another text of the same kind: of another account, of the other colour, or another name."""
    if _ACCOUNT.search(value):
        return _ACCOUNT.sub(STRANGER, value)
    if REFERENCE.search(value):
        return REFERENCE.sub(_foreign, value)
    if _COLOUR.search(value):
        return _COLOUR.sub(lambda match: _COLOURS[match[0]], value)
    return f"{value}-elsewhere"


def _foreign(reference: re.Match[str]) -> str:
    """What could stand for a reference, and is of another account."""
    service = reference[1].split("_")[1] if "_" in reference[1] else reference[1]
    is_arn = reference[3].endswith(("arn", "_arn"))
    return f"arn:aws:{service}:us-east-1:{STRANGER}:elsewhere" if is_arn else "elsewhere-0123456789abcdef0"
