"""Reads, without running any of it, which of the provider's submodules a program imports."""

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from trimmed_bindings.errors import BindingsError
from trimmed_bindings.toolkits import TOOLKITS

PACKAGES = frozenset(toolkit.provider for toolkit in TOOLKITS.values())
"""A program may be written for any toolkit."""

READING_VERSION = 2
"""Raise it with every change of what counts as an import: what was read before then no longer counts."""

_NAME_OF_SUBMODULE = re.compile(rf"({'|'.join(sorted(PACKAGES))})\.(\w+)(\.\w+)*")


def contents(source: Path) -> dict[str, str]:
    """The Python files below `source`, each with its SHA-256: the same files import the same."""
    return {
        path.relative_to(source).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(source.rglob("*.py"))
    }


def imported_submodules(source: Path) -> frozenset[str]:
    """The submodules (`vpc`, `lb_listener`) that the Python files below `source` import, in whatever form.

    A string that is the name of a submodule counts too: that is how `importlib.import_module` is told.
    Raises BindingsError for a file that isn't Python, and for an import of the package as a whole.
    """
    found: set[str] = set()
    for path in sorted(source.rglob("*.py")):
        for line, name in _names(path):
            package, submodule, *_ = [*name.split("."), "*"]
            if submodule == "*":
                raise BindingsError(
                    f"{path}:{line} imports {package} as a whole; import what is used of it: "
                    f"from {package}.vpc import Vpc"
                )
            found.add(submodule)
    return frozenset(found)


def _names(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the dotted name of each import of the package or of a part of it."""
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError) as error:
        raise BindingsError(f"{path} can't be read as Python: {error}") from error
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                names = [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(module), names=aliases, level=0) if module in PACKAGES:
                names = [f"{module}.{alias.name}" for alias in aliases]
            case ast.ImportFrom(module=str(module), level=0):
                names = [module]
            case ast.Constant(value=str(text)) if _NAME_OF_SUBMODULE.fullmatch(text):
                names = [text]
            case _:
                continue
        for name in names:
            if name.partition(".")[0] in PACKAGES:
                yield node.lineno, name
