"""Serves requests one after the other: moto's backends aren't made for threads, and look into each other.

Terraform sends many at once. Now and then one failed half done, and its repetition found what it had left.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[Any, Any], Iterable[bytes]]

# By moto's names. Only services whose requests never wait for another request to this server: no functions,
# no state machines, no queues that are polled, nothing that sends events to them.
# Whoever looks into such a backend by itself takes the lock, too.
SERIAL_SERVICES = (
    *("applicationautoscaling", "backup", "cloudwatch", "dynamodb", "ec2", "ecs"),
    *("elb", "iam", "kms", "networkfirewall", "rds", "route53resolver", "ssm"),
)
ENTRANCE = threading.Lock()


def one_at_a_time(application: Application, entrance: threading.Lock) -> Application:
    """The same WSGI application, entered by one thread at a time: the one that holds `entrance`."""

    def serial(environ: Any, start_response: Any) -> Iterable[bytes]:
        with entrance:
            return application(environ, start_response)

    return serial
