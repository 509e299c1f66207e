"""Stock moto forgets Performance Insights: Terraform would find every database instance without it."""

from collections.abc import Callable
from typing import Any

from moto.rds.models import DBInstance

from embedded_aws.extensions import Server, replace

# Argument of the request → the attribute from which moto writes the answer.
SETTINGS = {
    "enable_performance_insights": "performance_insights_enabled",
    "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period",
}


def install(_: Server) -> None:
    """Extend moto's databases."""
    replace(DBInstance, "__init__", _init)
    replace(DBInstance, "update", _update)


def _init(stock: Callable[..., None], instance: DBInstance, *args: Any, **settings: Any) -> None:
    stock(instance, *args, **settings)
    _keep(instance, settings)


def _update(stock: Callable[..., None], instance: DBInstance, **settings: Any) -> None:
    stock(instance, **settings)
    _keep(instance, settings)


def _keep(instance: DBInstance, settings: dict[str, Any]) -> None:
    for argument, attribute in SETTINGS.items():
        if argument in settings:
            setattr(instance, attribute, settings[argument])
