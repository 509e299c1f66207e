"""Which modules of a Python package its entry module reaches, and what they call."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

# Methods that take the name of the method that is meant.
_BY_NAME = ("get_paginator", "get_waiter", "getattr", "methodcaller")


@dataclass(frozen=True)
class Module:
    """What one module says. `imports`: dotted names of modules that it may import, of `from a import b` also
    `a.b`; `calls`: names of the functions and methods that it calls.
    """

    tree: ast.Module
    imports: frozenset[str]
    calls: frozenset[str]


def reachable(entry: str, sources: Mapping[str, str]) -> dict[str, Module]:
    """Path → the module at `entry`, and all that it imports. Raises SyntaxError."""
    found: dict[str, Module] = {}
    waiting = [entry]
    while waiting:  # each path at most once
        path = waiting.pop()
        if path not in found:
            found[path] = _read(path, sources[path])
            waiting += [other for name in found[path].imports for other in _paths(name, sources)]
    return found


def _read(path: str, source: str) -> Module:
    tree = ast.parse(source, filename=path)
    package = PurePosixPath(path).parent.parts
    imports: set[str] = set()
    calls: set[str] = set()
    for node in _nodes(tree):
        if isinstance(node, ast.Call):
            calls.update(_called(node))
        elif isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            imports.update([module, *(f"{module}.{alias.name}".lstrip(".") for alias in node.names)])
    return Module(tree, frozenset(imports), frozenset(calls))


def _nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """Every node, in any order; several times as fast as ast.walk, for which libraries are large."""
    waiting: list[ast.AST] = [tree]
    while waiting:  # a tree: each node once
        node = waiting.pop()
        yield node
        for value in vars(node).values():
            if isinstance(value, ast.AST):
                waiting.append(value)
            elif isinstance(value, list):
                waiting += [item for item in value if isinstance(item, ast.AST)]


def _called(node: ast.Call) -> Iterator[str]:
    name = str(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
    yield name
    if name in _BY_NAME:
        yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


def _paths(name: str, sources: Mapping[str, str]) -> Iterator[str]:
    """Files that importing the dotted name executes: the packages on the way, and the module."""
    parts = name.split(".") if name else []
    for end in range(1, len(parts) + 1):
        stem = "/".join(parts[:end])
        yield from (path for path in (f"{stem}/__init__.py", f"{stem}.py") if path in sources)


def binds(tree: ast.Module, name: str) -> bool:
    """Whether a module has a global of that name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return True
        if isinstance(node, ast.Assign) and name in {t.id for t in node.targets if isinstance(t, ast.Name)}:
            return True
        if isinstance(node, ast.ImportFrom | ast.Import) and name in {a.asname or a.name for a in node.names}:
            return True
    return False
