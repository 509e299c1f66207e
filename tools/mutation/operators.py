"""How code is changed: Cosmic Ray's operators, each in one direction, and four of our own."""

from collections.abc import Iterator
from typing import Any

import parso
from cosmic_ray.operators.boolean_replacer import AddNot
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.plugins import get_operator

Position = tuple[tuple[int, int], tuple[int, int]]

# One counterpart for each operator of the language: that `==` is not `<` says nothing that `!=` doesn't say.
# Not among them: what fails wherever it is executed (an arithmetic operator in the place of `|`, a decorator
# that is gone).
_CORE = (
    "NumberReplacer",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    "ZeroIterationForLoop",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Add",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_Mod_Mul",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
)


class Negate(AddNot):
    """The opposite of a condition: of all of it, where Cosmic Ray's own negates its first operand."""

    def mutate(self, node: Any, index: int) -> Any:
        assert index == 0  # noqa: S101 - one position for each node
        place = 2 if node.type == "test" else 1
        node.children[place] = parso.parse(f" not ({node.children[place].get_code().strip()})")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("if x and y: pass", "if not (x and y): pass"),)


class DeleteStatement(Operator):
    """Leaves out a call whose answer nobody uses, a `raise` of a new error, or an augmented assignment."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "simple_stmt" and _does_something(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        assert index == 0  # noqa: S101 - one position for each node
        node.children[0] = parso.parse(node.children[0].get_first_leaf().prefix + "pass")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("f(x)\n", "pass\n"), Example("raise E(x)\n", "pass\n"), Example("x += 1\n", "pass\n"))


class LetPass(Operator):
    """One of the errors that an `except` catches isn't caught. (Cosmic Ray's own fails on dotted names.)"""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        for error in _caught(node):
            yield error.start_pos, error.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        error = _caught(node)[index]
        children = error.parent.children
        children[children.index(error)] = parso.parse(" GeneratorExit")  # nobody raises it here
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("try: f()\nexcept a.B: pass\n", "try: f()\nexcept GeneratorExit: pass\n"),)


class SwapMembership(Operator):
    """`in` for `not in`, and back."""

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        if node.type == "comparison":
            for operator in node.children[1::2]:
                if _words(operator) in ("in", "not in"):
                    yield operator.start_pos, operator.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        place = [number for number, child in enumerate(node.children) if _words(child) in ("in", "not in")][
            index
        ]
        swapped = " not in" if _words(node.children[place]) == "in" else " in"
        node.children[place] = parso.parse(swapped)
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        return (Example("x in y", "x not in y"), Example("x not in y", "x in y"))


def operators() -> dict[str, Operator]:
    """By name, one instance of each."""
    core = {name: get_operator(f"core/{name}")() for name in _CORE}
    return core | {each.__name__: each() for each in (Negate, DeleteStatement, LetPass, SwapMembership)}


def _caught(node: Any) -> list[Any]:
    if node.type != "except_clause":
        return []
    errors = node.children[1]
    return list(errors.children[1].children[::2]) if errors.type == "atom" else [errors]


def _does_something(statement: Any) -> bool:
    if statement.type == "expr_stmt":
        return (
            len(statement.children) > 1
            and statement.children[1].type == "operator"
            and (statement.children[1].value not in ("=", ":"))
        )
    return statement.type in ("atom_expr", "power", "raise_stmt")


def _words(node: Any) -> str:
    return " ".join(node.get_code().split())
