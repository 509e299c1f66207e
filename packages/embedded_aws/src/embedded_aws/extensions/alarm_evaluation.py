"""Stock moto evaluates no alarm: each keeps the state that somebody sets.

Here an alarm on metrics is evaluated as soon as one of them has data: threshold, M of N datapoints, missing
data, metric math, percentiles. Most metrics of a platform have no source in the embedded AWS; alarms on those
stay as they were put. Periods before the first datum are not missing, or every alarm that takes silence for
a failure would ring for a platform's first minutes.

A state that somebody sets by hand lasts until the evaluation comes to another result than it had: in AWS it
is gone a moment later. There are no anomaly models.
"""

import json
import logging
import threading
import time

from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends

from embedded_aws.extensions import Server
from embedded_aws.extensions.alarm_verdicts import by_metric, verdict
from embedded_aws.extensions.metric_math import MathError
from embedded_aws.handle import ACCOUNT_ID
from embedded_aws.serial import ENTRANCE

EVERY_SECONDS = 5.0

log = logging.getLogger(__name__)


def install(server: Server) -> None:
    """Extend moto's alarms."""
    stopped = threading.Event()
    server.closers.append(stopped.set)
    threading.Thread(target=_keep_evaluating, args=(stopped,), daemon=True, name="alarms").start()


class Evaluator:
    """Remembers what it came to: only a new result changes a state."""

    def __init__(self, backend: CloudWatchBackend) -> None:
        self._backend = backend
        self._results: dict[str, str] = {}

    def evaluate(self, now: float) -> None:
        """Evaluate all alarms. One that can't be is left alone, and told of in the log."""
        with ENTRANCE:
            alarms, metrics = dict(self._backend.alarms), list(self._backend.metric_data)
        data = by_metric(metrics)
        self._results = {name: result for name, result in self._results.items() if name in alarms}
        for name, alarm in alarms.items():
            try:
                result = verdict(alarm, data, now)
            except MathError as error:
                log.warning("alarm %s is not evaluated: %s", name, error)
                continue
            if result is None:
                self._results.pop(name, None)
            elif result != self._results.get(name, "OK"):
                self._results[name] = result
                reason = {"evaluated": int(now), "threshold": alarm.threshold}
                text = f"evaluation of its metrics came to {result}"
                with ENTRANCE:
                    self._backend.set_alarm_state(name, text, json.dumps(reason), result)


class Evaluators:
    """One a region. Evaluations and `forget` don't meet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._evaluators: dict[str, Evaluator] = {}

    def evaluate(self, now: float) -> None:
        """Evaluate all alarms of all regions."""
        with self._lock:
            for region, backend in _backends():
                self._evaluators.setdefault(region, Evaluator(backend)).evaluate(now)

    def forget(self) -> list[str]:
        """The server's side of `rehearsal.forget_metrics`."""
        quietened = []
        with self._lock, ENTRANCE:
            self._evaluators.clear()
            for _, backend in _backends():
                backend.metric_data.clear()
                children_first = sorted(backend.alarms.items(), key=lambda item: bool(item[1].rule))
                for name, alarm in children_first:
                    if alarm.state_value != "OK":  # a composite alarm may have followed already
                        backend.set_alarm_state(name, "metrics were forgotten", "{}", "OK")
                        quietened.append(name)
        return sorted(quietened)


evaluators = Evaluators()


def _backends() -> list[tuple[str, CloudWatchBackend]]:
    return list(cloudwatch_backends[ACCOUNT_ID].items())


def _keep_evaluating(stopped: threading.Event) -> None:
    while not stopped.wait(EVERY_SECONDS):
        try:
            evaluators.evaluate(time.time())
        except Exception:  # the next evaluation may find a state that can be read
            log.exception("alarms can't be evaluated")
