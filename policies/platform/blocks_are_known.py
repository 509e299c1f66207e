"""Every block is of a kind and type that some policy understands."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, objects

from policies import _world
from policies._policy import StackPolicy
from policies.platform._providers import sources

_TYPES = {"resource": _world.RESOURCES, "data": _world.DATA, "ephemeral": _world.EPHEMERAL}


class BlocksAreKnown(StackPolicy):
    policy = "CKV2_BG_260"
    title = "Every block is of a type that some policy understands"
    requirement = None
    pci = "6.3.2"
    severity = "HIGH"
    needs_owner = True
    profiles = ("general",)
    listed_once_in = ("general",)
    why = "No policy judges what it opens, stores, runs or routes"
    fix = (
        "take it out; or admit it with a waiver of CKV2_BG_260 in the block, with its owner, a reason and an "
        "expiry date"
    )

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.blocks:
            place = block if block.kind in (*_TYPES, "provider") else None
            said = "" if place else f"{block.address}: "
            yield from ((place, said + what) for what in [*_type(block), *_nested(block)])


def _type(block: Block) -> Iterator[str]:
    if block.kind in _TYPES and block.type not in _TYPES[block.kind]:
        yield f"is of the {block.kind} type {block.type}, which no policy knows"
    if block.kind == "terraform":
        for backend in objects(block.get("backend")):
            yield from (f"has the backend {name}" for name in backend if name not in _world.BACKENDS)
        yield from (
            f"requires the provider {name} from {source}"
            for name, source in sources(block.stack).items()
            if source not in _world.SOURCES and name != "aws"  # whose source CKV2_BG_270 judges
        )


def _nested(block: Block) -> Iterator[str]:
    known = _world.META.get(block.kind)
    if known is not None:
        yield from (f"has {name}, which no policy knows" for name in block.body if name not in known)
    if block.kind in _TYPES or block.kind == "removed":
        yield from (f"has a {name}" for name in block.body if name in _world.RESERVED)
    if block.type == "archive_file" and not _is_archive(str(block.get("output_path"))):
        yield f"writes {block.get('output_path')}, which is no package beside the stack"
    for lifecycle in block.blocks("lifecycle"):
        yield from (f"has lifecycle.{name}" for name in lifecycle if name not in _world.LIFECYCLE)


def _is_archive(path: str) -> bool:
    """Whether it is a zip below the stack's own directory, where nothing else is read."""
    below = re.sub(r"^\$\{path\.(?:module|root|cwd)\}/", "", path)
    return bool(re.fullmatch(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*\.zip", below))


check = BlocksAreKnown()
