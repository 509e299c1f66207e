"""Serves a service's requests one after the other: moto's backends aren't made for threads.

Terraform sends many at once. Now and then one failed half done, and its repetition found what it had left.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[Any, Any], Iterable[bytes]]

# By moto's names. Only services whose requests never wait for another request to this server: no functions,
# no state machines, no queues that are polled, nothing that sends events to them.
SERIAL_SERVICES = frozenset({"backup", "dynamodb", "ec2", "elb", "iam", "kms", "rds", "ssm"})


def one_at_a_time(application: Application) -> Application:
    """The same WSGI application, entered by one thread at a time."""
    entrance = threading.Lock()

    def serial(environ: Any, start_response: Any) -> Iterable[bytes]:
        with entrance:
            return application(environ, start_response)

    return serial
