"""What a request to the embedded AWS costs with its checks (host, page, signature) and without, in one run.

python -m tools.bench.access
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import embedded_aws
from embedded_aws import LocalAws, lifecycle

from tools.bench.row import Row, show

ROUNDS = 300
NAMES = ("checked", "not checked")
UNPROTECTED = "packages.embedded_aws.tests.access.unprotected"
PARAMETER = "/bench/access"


def rows() -> list[Row]:
    """Starts two embedded AWS, and asks them in turn: what else the machine does slows both."""
    sys.stderr.write("bench: checks of the embedded AWS\n")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        checked = stack.enter_context(embedded_aws.running(directory / "checked"))
        with mock.patch.object(lifecycle, "SERVER", UNPROTECTED):
            unchecked = stack.enter_context(embedded_aws.running(directory / "unchecked"))
        clients = [_client(aws) for aws in (checked, unchecked)]
        taken = [[_ms(client) for client in clients] for _ in range(ROUNDS)]
    ours, reference = (statistics.median(times) for times in zip(*taken, strict=True))
    return [Row("one request to the embedded AWS", "ms", NAMES, ours, reference, target=None)]


def _client(aws: LocalAws) -> Any:
    client = aws.client("ssm")
    client.put_parameter(Name=PARAMETER, Value="blue", Type="String")
    return client


def _ms(client: Any) -> float:
    started = time.perf_counter()
    client.get_parameter(Name=PARAMETER)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    sys.exit(show(rows()))
