"""What a request to the embedded AWS costs with its checks (host, page, signature, authorisation), without
authorisation, and without any check, in one run.

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

from tools.bench.deployments import ROOT
from tools.bench.row import Row, show

ROUNDS = 300
AUTHORISED = 1.15  # a request, and so an apply, at most that much longer
TESTS = "packages.embedded_aws.tests.access"
PARAMETER = "/bench/access"
SERVERS = {
    "as it is": lifecycle.SERVER,
    "no gate": f"{TESTS}.unprotected",
    "all allowed": f"{TESTS}.unauthorised",
}


def rows() -> list[Row]:
    """Starts three embedded AWS, and asks them in turn: what else the machine does slows all."""
    sys.stderr.write("bench: checks and authorisation of the embedded AWS\n")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clients = [_client(_started(stack, directory / name, module)) for name, module in SERVERS.items()]
        taken = [[_ms(client) for client in clients] for _ in range(ROUNDS)]
    ours, unchecked, unauthorised = (statistics.median(times) for times in zip(*taken, strict=True))
    return [
        Row(
            "one request to the embedded AWS",
            "ms",
            ("checked", "not checked"),
            ours,
            unchecked,
            target=None,
        ),
        Row(
            "authorisation of one request",
            "ms",
            ("authorised", "all allowed"),
            ours,
            unauthorised,
            target=AUTHORISED,
        ),
    ]


def _started(stack: ExitStack, directory: Path, module: str) -> LocalAws:
    with mock.patch.multiple(lifecycle, SERVER=module, PACKAGE_ROOT=ROOT):
        return stack.enter_context(embedded_aws.running(directory))


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
