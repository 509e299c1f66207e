"""Where a mutant would prove nothing: the places that are left out on purpose."""

import ast
from collections.abc import Iterator

Span = tuple[tuple[int, int], tuple[int, int]]

# The wording of an error, not its class, nor what it carries besides.
_WORDING = frozenset({"what", "where", "why", "mend"})


def spans(source: str) -> list[Span]:
    """Type annotations, what only type checkers read, decorators, the wording of errors and logs."""
    tree = ast.parse(source)
    return [_span(node) for node in _meaningless(tree)]


def covers(found: list[Span], start: tuple[int, int], end: tuple[int, int]) -> bool:
    return any(first <= start and end <= last for first, last in found)


def _meaningless(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from filter(None, (node.returns, *node.decorator_list))
        elif isinstance(node, ast.ClassDef):
            yield from node.decorator_list
        elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation:
            yield node.annotation
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield node
        elif isinstance(node, ast.Call):
            yield from _of_call(node)


def _of_call(call: ast.Call) -> Iterator[ast.AST]:
    if ast.unparse(call.func).startswith("_log."):
        yield call
    yield from (keyword.value for keyword in call.keywords if keyword.arg in _WORDING)


def _span(node: ast.AST) -> Span:
    start = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
    return start, (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
