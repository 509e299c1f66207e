"""Which modules of a Python package its entry module reaches, and what they call."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

# Methods that take the name of the method that is meant.
_BY_NAME = ("get_paginator", "get_waiter", "getattr", "methodcaller")


def reachable(entry: str, sources: Mapping[str, str]) -> dict[str, ast.Module]:
    """Path → syntax tree of the module at `entry` and of all that it imports. Raises SyntaxError."""
    trees: dict[str, ast.Module] = {}
    waiting = [entry]
    while waiting:  # each path at most once
        path = waiting.pop()
        if path not in trees:
            trees[path] = ast.parse(sources[path], filename=path)
            waiting += [found for name in _imported(path, trees[path]) for found in _paths(name, sources)]
    return trees


def _imported(path: str, tree: ast.Module) -> Iterator[str]:
    """Dotted names of modules that a module may import; of `from a import b` also `a.b`."""
    package = PurePosixPath(path).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}".lstrip(".") for alias in node.names)


def _paths(name: str, sources: Mapping[str, str]) -> Iterator[str]:
    """Files that importing the dotted name executes: the packages on the way, and the module."""
    parts = name.split(".") if name else []
    for end in range(1, len(parts) + 1):
        stem = "/".join(parts[:end])
        yield from (path for path in (f"{stem}/__init__.py", f"{stem}.py") if path in sources)


def calls(trees: Iterable[ast.Module]) -> Iterator[str]:
    """Names of the functions and methods that the code calls."""
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = str(getattr(node.func, "attr", None) or getattr(node.func, "id", ""))
            yield name
            if name in _BY_NAME:
                yield from (str(arg.value) for arg in node.args if isinstance(arg, ast.Constant))


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
