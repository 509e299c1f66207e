"""Loads the project's own checks: a package, one Checkov check a file.

A check may carry, besides what Checkov knows: `requirement` (R…), `fix` (text), `severity` (a name); and say
what it found in `details`: a Python check as texts about the resource at hand, a graph check as a dict from
address ("" for the whole stack) to text. A module whose name begins with an underscore is shared code.
"""

import importlib
import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from checkov.common.checks.base_check import BaseCheck
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck

from stack_gate import registries
from stack_gate.report import Problem

NOT_PYTHON = frozenset(
    {".json", ".yaml", ".yml"}
)  # Checkov has checks in them too, and skips what it can't parse
TAKEN = frozenset({"stack_gate", "checkov", *sys.stdlib_module_names})


@contextmanager
def loaded(directory: Path | None) -> Iterator[list[Problem]]:
    """Checkov's registries hold the built-in checks and those of `directory`, and nothing from elsewhere.

    Yields what kept a check from being loaded. Registries and imported modules are as before afterwards.
    """
    with registries.only_built_in():
        if directory is None:
            yield []
        elif not directory.is_dir() or directory.resolve().name in TAKEN:
            yield [
                _problem(directory, "is no package of policies", "give its directory, for example policies")
            ]
        else:
            with _importable(directory.resolve()):
                yield _load(directory)


@contextmanager
def _importable(directory: Path) -> Iterator[None]:
    """The package is fresh under its own name, whoever imported it before: it is importing that registers."""
    name = directory.name
    before = {key: sys.modules.pop(key) for key in _modules(name)}
    sys.path.insert(0, str(directory.parent))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(directory.parent))
        for key in _modules(name):
            del sys.modules[key]
        sys.modules.update(before)


def _modules(package: str) -> list[str]:
    return [key for key in sys.modules if key == package or key.startswith(f"{package}.")]


def _load(directory: Path) -> list[Problem]:
    problems: list[Problem] = []
    built_in, seen = registries.active(), set(map(id, registries.created()))
    policies, loaded = 0, []
    for path in _files(directory, problems):
        if path.suffix in NOT_PYTHON:
            problems.append(
                _problem(path, "is not Python: its check would not be loaded", "write it in Python")
            )
        elif path.suffix == ".py" and path.name != "__init__.py":
            module = _import(directory, path, problems)
            new = [check for check in registries.created() if id(check) not in seen]
            seen.update(map(id, new))
            policies += not path.name.startswith("_")
            if module and not path.name.startswith("_"):
                loaded.append((path, module, new))
    active = set(map(id, registries.active()))
    taken = {check.id for check in built_in}
    for path, module, new in loaded:
        problems += _not_registered(path, module, [(check, id(check) in active) for check in new], taken)
    problems += _taken_away(directory, [check.id for check in built_in if id(check) not in active])
    if not policies:
        problems.append(_problem(directory, "has no policies in it", "give the directory that has"))
    return problems


def rooms(directory: Path | None) -> set[str]:
    """The folders of the package that have policies in them, whether or not a profile asks those."""
    if directory is None:
        return set()
    files = (path for path in _files(directory, []) if path.suffix == ".py" and not path.name.startswith("_"))
    return {".".join(path.relative_to(directory).parts[:-1]) for path in files} - {""}


def _files(directory: Path, problems: list[Problem]) -> list[Path]:
    def unreadable(error: OSError) -> None:
        problems.append(_problem(Path(error.filename), "can't be read", "make it readable"))

    walk = os.walk(directory, onerror=unreadable, followlinks=True)
    return sorted(Path(folder, name) for folder, _, names in walk for name in names)


def _import(directory: Path, path: Path, problems: list[Problem]) -> ModuleType | None:
    """The module at `path`; None, and the reason among the problems, if there is none."""
    inside = path.relative_to(directory)
    for folder in (directory / parent for parent in inside.parents):
        if not (folder / "__init__.py").is_file():
            what = f"is in no package: {folder} has no __init__.py"
            problems.append(_problem(path, what, "add it, it may be empty"))
            return None
    try:
        return importlib.import_module(".".join((directory.resolve().name, *inside.with_suffix("").parts)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises, its check is not there
        line = error.lineno or 0 if isinstance(error, SyntaxError) else 0
        what = f"can't be imported: {type(error).__name__}: {error}"
        problems.append(_problem(path, what, "correct it; no policy in it was evaluated", line))
        return None


def _taken_away(directory: Path, ids: list[str]) -> Iterator[Problem]:
    if ids:
        what = f"takes away {len(ids)} of Checkov's own checks, {ids[0]} for one"
        yield _problem(directory, what, "leave Checkov's registries as they are; waive at the resource")


def _not_registered(
    path: Path, module: ModuleType, new: list[tuple[Any, bool]], taken: set[str]
) -> Iterator[Problem]:
    """A file has to register each check that it defines, and one at least. `new`: those that it made, and
    whether they would be run; `taken`: the ids of others, to which theirs are added.
    """
    for check, active in new:
        if check.id in taken or not active:
            yield _problem(path, f"has the id {check.id}, which is taken", "give its check an id of its own")
        taken.add(check.id)
    instantiated = {type(check) for check, _ in new}
    for class_ in vars(module).values():
        if _is_check(class_, module) and class_ not in instantiated:
            yield _problem(
                path, f"does not register {class_.__name__}", "instantiate it at the end of the file"
            )
    if not new:
        yield _problem(path, "registers no check", "begin its name with an underscore if it is shared code")


def _is_check(value: Any, module: ModuleType) -> bool:
    return (
        inspect.isclass(value)
        and value.__module__ == module.__name__
        and any(base in value.__mro__ for base in (BaseCheck, BaseGraphCheck))
        and not inspect.isabstract(value)
    )


def _problem(path: Path, what: str, fix: str, line: int = 0) -> Problem:
    return Problem(f"{path.name} {what}", fix, path.as_posix(), line)
