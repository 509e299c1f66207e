"""The switch function beside a plain boto3 script that only sets the weights, in the same run.

python -m tools.bench.switch

Both move the traffic of the same listener on the same embedded AWS. What the function does more is what makes
it safe: lock, all else that routes, gates, fence, read-back, test listener, records, notification, history
(lambda_src/switch). Calls that don't need each other run at the same time: the critical path is the longest
chain of those that do.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import embedded_aws

from lambda_src.contract.values import Weights
from tests.lambda_src.critical_path import round_trips
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.recorder import Recorder
from tools.bench.measure import measure
from tools.bench.row import Row, show

Argument = TypeVar("Argument")

ROUNDS = 10
LONGEST_PATH = 8
NAMES = ("switch function", "plain boto3")
ROOT = Path(__file__).resolve().parents[2]
# Of processes with nothing compiled before: what a new execution environment pays.
OURS = "import lambda_src.switch.handler; from lambda_src.switch.serving import clients; clients()('elbv2')"
PLAIN = "import boto3; boto3.client('elbv2')"


def rows() -> list[Row]:
    """Starts an embedded AWS for itself."""
    sys.stderr.write("bench: switch function\n")
    with tempfile.TemporaryDirectory() as directory, embedded_aws.running(Path(directory) / "aws") as aws:
        os.environ |= aws.variables()
        platform = LivePlatform.create()
        ours, plain = (_cold_start(code, aws.variables()) for code in (OURS, PLAIN))
        return [
            Row("one switch, AWS calls", "", NAMES, _calls(platform), 1, target=None),
            Row("one switch, calls one after another", "", NAMES, _path(platform), 1, target=LONGEST_PATH),
            Row("one switch, elapsed", "ms", NAMES, _function_ms(platform), _plain_ms(platform), target=None),
            Row("cold start, import and first client", "s", NAMES, ours, plain, target=None),
        ]


def _calls(platform: LivePlatform) -> float:
    with Recorder.listening_to(*platform.clients) as recorder:
        platform.invoke({"action": "switch", "target": "green"})
    return len(recorder.calls)


def _path(platform: LivePlatform) -> float:
    """The critical path, in round trips."""
    platform.invoke({"action": "switch", "target": "blue"})
    return round_trips(platform, {"action": "switch", "target": "green"})


def _function_ms(platform: LivePlatform) -> float:
    colours = ("blue", "green") * ROUNDS
    return _median_ms(lambda colour: platform.invoke({"action": "switch", "target": colour}), colours)


def _plain_ms(platform: LivePlatform) -> float:
    both = (Weights(100, 0), Weights(0, 100)) * ROUNDS
    return _median_ms(lambda weights: platform.set_listener("LISTENER_ARN", weights), both)


def _median_ms(call: Callable[[Argument], object], arguments: Iterable[Argument]) -> float:
    taken = []
    for argument in arguments:
        started = time.perf_counter()
        call(argument)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def _cold_start(code: str, variables: dict[str, str]) -> float:
    environment = os.environ | variables | {"PYTHONPATH": str(ROOT)}
    return statistics.median(
        measure([sys.executable, "-c", code], environment).wall_s for _ in range(ROUNDS // 2)
    )


if __name__ == "__main__":
    sys.exit(show(rows()))
