"""Checkov's registries: process-wide, and filled by whoever imports a check."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from checkov.common.checks.base_check_registry import BaseCheckRegistry
from checkov.common.checks_infra.registry import Registry, get_graph_checks_registry
from checkov.terraform.checks.data.registry import data_registry
from checkov.terraform.checks.module.registry import module_registry
from checkov.terraform.checks.provider.registry import provider_registry
from checkov.terraform.checks.resource.registry import resource_registry

PYTHON: dict[str, BaseCheckRegistry] = {
    "resource": resource_registry,
    "data": data_registry,
    "provider": provider_registry,
    "module": module_registry,
}


def graph() -> Registry:
    """Checkov's graph checks of Terraform, loaded."""
    registry = get_graph_checks_registry("terraform")
    if not registry.internal_checks_dir_loaded:  # else it would load them again where none is left
        registry.load_checks()
    return registry


def active() -> list[Any]:
    """Every check that a scan would run, once."""
    checks = {id(check): check for registry in PYTHON.values() for _, check in registry.all_checks()}
    return [*checks.values(), *graph().checks]


def created() -> list[Any]:
    """Every check that was ever instantiated, also those left out for an id that was there before."""
    return [*BaseCheckRegistry.get_all_registered_checks(), *graph().checks]


@contextmanager
def only_built_in() -> Iterator[None]:
    """Nothing but Checkov's own checks, whatever was imported before; what is added inside is gone after."""
    tables = [table for registry in PYTHON.values() for table in (registry.checks, registry.wildcard_checks)]
    saved, saved_graph = [dict(table) for table in tables], graph().checks
    for table, checks in zip(tables, saved, strict=True):
        _replace(table, {entity: list(filter(is_built_in, found)) for entity, found in checks.items()})
    graph().checks = list(filter(is_built_in, saved_graph))
    try:
        yield
    finally:
        for table, checks in zip(tables, saved, strict=True):
            _replace(table, checks)
        graph().checks = saved_graph


def keep(wanted: Callable[[Any], bool]) -> None:
    """Leaves the checks that are wanted; call it inside `pack.loaded`, which restores what was there."""
    for registry in PYTHON.values():
        for table in (registry.checks, registry.wildcard_checks):
            _replace(table, {entity: list(filter(wanted, checks)) for entity, checks in table.items()})
    graph().checks = list(filter(wanted, graph().checks))


def drop_built_in() -> None:
    """Leaves the pack alone, as `keep`."""
    keep(lambda check: not is_built_in(check))


def _replace(table: dict[str, Any], checks: dict[str, Any]) -> None:
    table.clear()
    table.update(checks)


def room(check: Any) -> str:
    """The folder of the pack that a check is in; empty where it is in none."""
    return ".".join(type(check).__module__.split(".")[1:-1])


def is_built_in(check: Any) -> bool:
    return type(check).__module__.startswith("checkov.")
