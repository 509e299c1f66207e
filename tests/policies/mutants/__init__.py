"""Defects, put back into the real stack: one file a topic, each with its MUTANTS."""

import importlib
import pkgutil

from tests.policies.harness import Mutant


def everything() -> list[Mutant]:
    """The mutants of all topics."""
    topics = (
        importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)
    )
    return [mutant for topic in topics for mutant in topic.MUTANTS]
