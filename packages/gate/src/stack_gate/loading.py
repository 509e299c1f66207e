"""Imports Checkov, two thousand modules, in the time that it takes."""

import gc
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

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
