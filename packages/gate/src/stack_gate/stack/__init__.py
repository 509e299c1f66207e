"""One reader of a stack: blocks, values, references, colours.

`read` reads a synthesized directory. The gate makes a `Stack` of the blocks that it evaluates, and gives it
to policies. A view of it that several of them share is a class that takes it: `stack.derived(Traffic)`.
"""

from stack_gate.stack.colours import COLOURS
from stack_gate.stack.model import Block, Stack
from stack_gate.stack.reading import StackError, parse, read
from stack_gate.stack.traffic import (
    LISTENERS,
    LOAD_BALANCERS,
    ROUTING,
    RULES,
    TARGET_GROUPS,
    Forward,
    Traffic,
)
from stack_gate.stack.values import Body, is_false, is_true, listed, lookup, number, objects, strings

__all__ = [
    "COLOURS",
    "LISTENERS",
    "LOAD_BALANCERS",
    "ROUTING",
    "RULES",
    "TARGET_GROUPS",
    "Block",
    "Body",
    "Forward",
    "Stack",
    "StackError",
    "Traffic",
    "is_false",
    "is_true",
    "listed",
    "lookup",
    "number",
    "objects",
    "parse",
    "read",
    "strings",
]
