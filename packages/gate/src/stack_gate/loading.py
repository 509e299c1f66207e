"""Imports Checkov, two thousand modules, in the time that it takes."""

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_OBJECTS = 200_000  # between two collections of the youngest
IMPORTING = ("engine", "pack", "registries", "summary")  # the modules of the gate that import it


@cache
def load() -> None:
    """Afterwards the gate's modules that need Checkov are there. Call it inside `isolated()`."""
    with _without_collection():
        for name in IMPORTING:
            importlib.import_module(f"stack_gate.{name}")


@contextmanager
def _without_collection() -> Iterator[None]:
    """For an import of thousands of modules: none of it is garbage, and looking for some doubles its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()


@contextmanager
def rare_collection() -> Iterator[None]:
    """For the evaluation of a stack: hundreds of thousands of objects, of which few are garbage before its
    end.
    """
    threshold = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *threshold[1:])
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
