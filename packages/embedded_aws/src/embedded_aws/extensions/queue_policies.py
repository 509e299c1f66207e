"""Stock moto drops a queue's policy whenever any other attribute is set: Terraform would find it missing."""

from collections.abc import Callable
from typing import Any

from moto.sqs.models import Queue, SQSBackend

from embedded_aws.extensions import Server, replace


def install(_: Server) -> None:
    """Extend moto's queues."""
    replace(SQSBackend, "set_queue_attributes", _set_queue_attributes)


def _set_queue_attributes(
    stock: Callable[..., Queue], backend: SQSBackend, queue_name: str, attributes: dict[str, Any]
) -> Queue:
    return stock(backend, queue_name, {"Policy": backend.get_queue(queue_name).policy, **attributes})
