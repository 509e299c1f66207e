"""Libraries that Checkov imports whatever it does, and that a scan has no use for: network clients, mostly.

While `deferred()` lasts, importing one of them gives a stand-in, which imports the real one as soon as
something is done with it. So nothing is missing, and what nobody uses costs nothing.
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType, NoneType
from typing import Any

UNUSED = frozenset(
    {
        "aiohttp",
        "boto3",
        "botocore",
        "charset_normalizer",
        "detect_secrets",
        "git",
        "networkx",
        "requests",
        "tabulate",
    }
)
# Checkov's evaluator of expressions takes it where it is installed, and is told not to use it.
ABSENT = "numpy"


class _Finder(MetaPathFinder, Loader):
    """Finds a stand-in for each module of these libraries."""

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        if name == ABSENT:
            raise ModuleNotFoundError(f"no {name} here", name=name)
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in UNUSED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is executed."""


class _Module(ModuleType):
    """Stands in for a module. Every name can be imported from it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Named(self.__name__, name)


class _Named:
    """Stands in for what a module calls so: a class, a function, a constant."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def _real(self) -> Any:
        with _withdrawn():
            return getattr(importlib.import_module(self._module), self._name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # which typing asks for, of what is in its brackets
            raise AttributeError(name)
        return getattr(self._real(), name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._real()(*arguments, **options)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._real(),)

    def __instancecheck__(self, instance: object) -> bool:
        module = sys.modules.get(self._module)  # what has not been imported has no instances
        return not isinstance(module, _Module | NoneType) and isinstance(instance, self._real())


@contextmanager
def deferred() -> Iterator[None]:
    """Afterwards, who imports one of them gets the real one, and so does who uses a stand-in."""
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _forget()


@contextmanager
def _withdrawn() -> Iterator[None]:
    """Imports inside get the real modules."""
    finders = [finder for finder in sys.meta_path if isinstance(finder, _Finder)]
    sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in finders]
    _forget()
    try:
        yield
    finally:
        sys.meta_path[:0] = finders


def _forget() -> None:
    for name in [name for name, module in sys.modules.items() if isinstance(module, _Module)]:
        del sys.modules[name]
