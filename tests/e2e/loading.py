"""`bluegreen local load` in another terminal, and what its timeline says."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import embedded_aws

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from tests.e2e.platform import Platform
from tests.workspaces import ROOT

PATIENCE_SECONDS = 300
FALSE_ALARM = 1e-7  # how improbable a share has to be before a test calls it wrong


@dataclass
class Loading:
    """A load that is under way. `result`: its summary, once it is over."""

    platform: Platform
    result: dict[str, Any] = field(default_factory=dict)

    def written(self) -> int:
        """How many payments have been written until now, as the database says: blue's, the writer or not."""
        ((count,),) = local.server(self.platform.aws, Colour.BLUE).ask(
            "SELECT COUNT(*) FROM payments.payment"
        )
        return int(count)

    def await_payments(self, more: int) -> None:
        """Wait until that many more have been written."""
        wanted, deadline = self.written() + more, time.monotonic() + PATIENCE_SECONDS
        while self.written() < wanted:
            assert time.monotonic() < deadline
            time.sleep(0.2)

    def whole_seconds(self, payments: int) -> range:
        """Let that many payments pass. Returns the whole seconds in between, in which nothing changed.

        The load balancer goes by all that was configured before.
        """
        embedded_aws.local_traffic(self.platform.aws)
        begun = math.ceil(time.time())
        self.await_payments(payments)
        return range(begun, int(time.time()))

    def answered(self, seconds: range) -> Counter[str]:
        """Answers by colour in those seconds, of a load that is over."""
        answers: Counter[str] = Counter()
        for second in self.result["timeline"]:
            if second["at"] in seconds:
                answers.update(second["answered_by"])
        return answers

    def failed(self, seconds: range) -> int:
        """Failures in those seconds, of a load that is over."""
        return sum(second["failed"] for second in self.result["timeline"] if second["at"] in seconds)


@contextmanager
def loading(platform: Platform, *, rate: int) -> Iterator[Loading]:
    """A load for as long as the block lasts; it has begun when the block does."""
    command = [sys.executable, "-m", "bluegreen", "local", "load", "--rate", str(rate), "--duration", "15m"]
    child = subprocess.Popen(
        [*command, "--output", "json"],
        cwd=platform.workspace,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    load = Loading(platform)
    try:
        load.await_payments(1)
        yield load
        child.send_signal(signal.SIGINT)  # as Ctrl-C
        output, errors = child.communicate(timeout=PATIENCE_SECONDS)
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0, errors
    load.result = json.loads(output)


def improbability(hits: int, draws: int, share: float) -> float:
    """How probable it is to be as far from `share * draws` as `hits` is, or farther: exact, two-sided."""
    distance = abs(hits - share * draws)
    far = (count for count in range(draws + 1) if abs(count - share * draws) >= distance - 1e-9)
    return math.fsum(math.exp(_log_probability(count, draws, share)) for count in far)


def _log_probability(hits: int, draws: int, share: float) -> float:
    ways = math.lgamma(draws + 1) - math.lgamma(hits + 1) - math.lgamma(draws - hits + 1)
    return ways + hits * math.log(share) + (draws - hits) * math.log1p(-share)
