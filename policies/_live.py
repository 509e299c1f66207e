"""Which calls of a package's code can be executed, from its handler on.

Statements after a return, branches that are never taken, loops over nothing, functions that no executed code
names, and definitions that are bound anew below are left out. Names decide, not types: what is left may run,
what is left out never does.
"""

import ast
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_ENDING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
# Methods that take the name of the method that is meant.
_BY_NAME = ("get_paginator", "get_waiter", "getattr", "methodcaller")
# Fields of names, operators and contexts.
_BARE = frozenset({"arg", "attr", "ctx", "id", "level", "module", "name", "op", "ops", "type_comment"})
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: ()}
_EXITS = frozenset({"exit", "_exit", "quit", "abort"})
_EMPTY_CALLS = frozenset({"dict", "frozenset", "list", "range", "set", "tuple"})
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
_UNKNOWN = object()
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_NAMES = (ast.Name, ast.Attribute)  # no union, which is slower: it is asked of each node
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Unit:
    """What runs as a whole: a module's statements, or the body of a function."""

    calls: frozenset[str]  # names of what it calls
    names: frozenset[str]  # names of functions that it may reach
    functions: "tuple[tuple[str, Unit], ...]"  # those that it defines


def executed(tree: ast.Module) -> Unit:
    """What a module executes when it is imported."""
    return _unit(_top(tree))


def live_calls(units: Iterable[Unit], entry: str) -> frozenset[str]:
    """The calls in what the modules execute when imported, and in the functions that these reach by name."""
    functions: dict[str, list[Unit]] = defaultdict(list)
    used, calls, waiting = {entry}, set[str](), list(units)
    done: set[int] = set()
    while waiting:  # each unit once
        unit = waiting.pop()
        if id(unit) in done:
            continue
        done.add(id(unit))
        calls |= unit.calls
        for name, function in unit.functions:
            functions[name].append(function)
            if name in used:
                waiting.append(function)
        for name in unit.names - used:
            used.add(name)
            waiting += functions.get(name, ())
    return frozenset(calls)


def _unit(nodes: Iterable[ast.AST]) -> Unit:
    calls, names = set[str](), set[str]()
    functions: list[tuple[str, Unit]] = []
    waiting = list(nodes)
    while waiting:  # a tree: each node once
        node = waiting.pop()
        if isinstance(node, _Function):
            functions.append((node.name, _unit(_statements(node.body))))
            waiting += [*node.decorator_list, *node.args.defaults]
            if node.name.startswith("__") or node.decorator_list:
                waiting += _statements(node.body)  # called by Python, or by what decorates it
            continue
        if isinstance(node, ast.Call):
            calls.update(called(node))
        names.update(_names(node))
        waiting += _children(node)
    return Unit(frozenset(calls), frozenset(names), tuple(functions))


def called(node: ast.Call) -> Iterator[str]:
    """The name of what is called, and of the methods that it takes by name."""
    name = str(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
    yield name
    if name in _BY_NAME:
        yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a node that have nodes with names, calls or statements in them."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(name for name in kind._fields if name not in _BARE)
    return _FIELDS[kind]


def _top(tree: ast.Module) -> list[ast.AST]:
    """What a module executes, and its functions: of each name the last one."""
    statements = list(_statements(tree.body))
    last = {name: index for index, statement in enumerate(statements) for name in _bound(statement)}
    return [
        statement
        for index, statement in enumerate(statements)
        if not isinstance(statement, _Function) or last.get(statement.name) == index
    ]


def _children(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, _COMPREHENSIONS) and any(_is_empty(part.iter) for part in node.generators):
        return []
    if isinstance(node, ast.IfExp) and (value := _constant(node.test)) is not _UNKNOWN:
        return [node.body if value else node.orelse]
    if isinstance(node, ast.BoolOp):
        return _evaluated(node)
    found: list[ast.AST] = []
    for name in fields(type(node)):
        value = getattr(node, name, None)
        if isinstance(value, list):
            bodies = bool(value) and isinstance(value[0], ast.stmt)
            found += _statements(value) if bodies else [item for item in value if isinstance(item, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _evaluated(node: ast.BoolOp) -> list[ast.AST]:
    """The operands up to the one that decides."""
    found: list[ast.AST] = []
    for part in node.values:
        found.append(part)
        value = _constant(part)
        if value is not _UNKNOWN and bool(value) is isinstance(node.op, ast.Or):
            break
    return found


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Those that are reached."""
    for statement in body:
        chosen = _chosen(statement)
        if chosen is None:
            yield statement
            if _ends(statement):
                return
            continue
        kept = list(_statements(chosen))
        yield from kept
        if kept and _ends(kept[-1]):
            return


def _chosen(statement: ast.stmt) -> Sequence[ast.stmt] | None:
    """What a statement comes to, where that is certain; None where it stays as it is."""
    if isinstance(statement, ast.If) and (value := _constant(statement.test)) is not _UNKNOWN:
        return statement.body if value else statement.orelse
    if isinstance(statement, ast.While) and not _constant(statement.test):
        return statement.orelse
    if isinstance(statement, ast.For) and _is_empty(statement.iter):
        return statement.orelse
    return None


def _ends(statement: ast.stmt) -> bool:  # noqa: PLR0911 - a case a kind
    """Whether nothing after it is reached."""
    if isinstance(statement, _ENDING):
        return True
    if isinstance(statement, ast.Assert):
        return not _constant(statement.test)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return _name(statement.value.func) in _EXITS
    if isinstance(statement, ast.If):
        both = [list(_statements(branch)) for branch in (statement.body, statement.orelse)]
        return all(branch and _ends(branch[-1]) for branch in both)
    if isinstance(statement, ast.With):
        inner = list(_statements(statement.body))
        return bool(inner) and isinstance(inner[-1], ast.Return)
    if isinstance(statement, ast.Try):
        last = list(_statements(statement.finalbody or statement.body))
        return (
            bool(last)
            and isinstance(last[-1], ast.Return)
            and bool(statement.finalbody or not statement.handlers)
        )
    return False


def _constant(node: ast.expr) -> Any:  # noqa: PLR0911 - a case a kind
    """The value of an expression, as far as that is certain without knowing any name."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict) and _is_empty(node):
        return ()
    if isinstance(node, _NAMES):
        return False if _name(node) == "TYPE_CHECKING" else _UNKNOWN
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        value = _constant(node.operand)
        return value if value is _UNKNOWN else not value
    if isinstance(node, ast.BoolOp):
        values, decides = [_constant(part) for part in node.values], isinstance(node.op, ast.Or)
        if any(value is not _UNKNOWN and bool(value) is decides for value in values):
            return decides
        return _UNKNOWN if _UNKNOWN in values else not decides
    return _compared(node) if isinstance(node, ast.Compare) else _UNKNOWN


def _compared(node: ast.Compare) -> Any:
    left, right = _constant(node.left), _constant(node.comparators[0])
    compare = _COMPARISONS.get(type(node.ops[0]))
    if isinstance(node.left, ast.Name) and node.left.id == "__name__" and right == "__main__":
        return isinstance(node.ops[0], ast.NotEq)
    if compare is None or len(node.ops) > 1 or _UNKNOWN in (left, right):
        return _UNKNOWN
    try:
        return compare(left, right)
    except TypeError:
        return _UNKNOWN


def _is_empty(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return not node.elts
    if isinstance(node, ast.Dict):
        return not node.keys
    if isinstance(node, ast.Constant):
        return node.value in ("", b"")
    if isinstance(node, ast.Call) and _name(node.func) in _EMPTY_CALLS:
        return all(_is_empty(a) or (isinstance(a, ast.Constant) and a.value == 0) for a in node.args)
    return False


def _names(node: ast.AST) -> Iterator[str]:
    """What a node may call: names that are read, and strings, for getattr."""
    if isinstance(node, _NAMES) and isinstance(node.ctx, ast.Load):
        yield _name(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))


def _bound(statement: ast.stmt) -> list[str]:
    if isinstance(statement, _Function | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [n.id for target in statement.targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
        return [statement.target.id]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
    return []
