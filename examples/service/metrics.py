"""Metrics as log lines, which CloudWatch Logs turns into metrics: no call, and no further permission.

Namespace `Payments`, dimension `Colour`: `Payments`, `Failures`, `UnknownCommits` (Count), `PaymentMs`,
`PoolWaitMs` (Milliseconds) and `PendingPerTask`; `LedgerErrors` by `Colour` and `Class` (ledger.py), and
`AcquirerErrors` likewise (acquirer.py).
Source: CloudWatch user guide, "Specification: Embedded metric format".
"""

import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

MOST_VALUES = 100  # of one metric in a line
COUNTS = ("Payments", "Failures", "UnknownCommits")
TIMES = ("PaymentMs", "PoolWaitMs")

log = logging.getLogger(__name__)


class Metrics:
    """Counts and times since the last line. Any thread may add to them. `pending`: payments in flight."""

    def __init__(self, colour: str, namespace: str = "Payments") -> None:
        self._colour, self._namespace = colour, namespace
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._errors: Counter[tuple[str, str]] = Counter()  # by metric and class
        self._times: defaultdict[str, list[float]] = defaultdict(list)
        self.pending = 0

    def count(self, name: str) -> None:
        """One more of COUNTS."""
        with self._lock:
            self._counts[name] += 1

    def ledger_error(self, kind: str) -> None:
        """One more error of a database, of that class."""
        self._error("LedgerErrors", kind)

    def acquirer_error(self, kind: str) -> None:
        """One more attempt that did not authorise, of that class."""
        self._error("AcquirerErrors", kind)

    def _error(self, name: str, kind: str) -> None:
        with self._lock:
            self._errors[name, kind] += 1

    def time(self, name: str, seconds: float) -> None:
        """How long something of TIMES took."""
        with self._lock:
            self._times[name].append(round(1000 * seconds, 3))
            taken = self._take() if len(self._times[name]) >= MOST_VALUES else None
        if taken:
            self._write(*taken)

    def write(self) -> None:
        """Write the lines, and begin anew."""
        with self._lock:
            taken = self._take()
        self._write(*taken)

    def _take(self) -> tuple[Counter[str], Counter[tuple[str, str]], defaultdict[str, list[float]]]:
        taken = self._counts, self._errors, self._times
        self._counts, self._errors, self._times = Counter(), Counter(), defaultdict(list)
        return taken

    def _write(
        self, counts: Counter[str], errors: Counter[tuple[str, str]], times: Mapping[str, list[float]]
    ) -> None:
        values: dict[str, tuple[Any, str]] = {name: (counts[name], "Count") for name in COUNTS}
        values |= {name: (times[name], "Milliseconds") for name in TIMES if name in times}
        log.info(self._line(values | {"PendingPerTask": (self.pending, "Count")}))
        for (name, kind), number in errors.items():
            log.info(self._line({name: (number, "Count")}, Class=kind))

    def _line(self, values: dict[str, tuple[Any, str]], **dimensions: str) -> dict[str, Any]:
        dimensions = {"Colour": self._colour, **dimensions}
        directive = {
            "Namespace": self._namespace,
            "Dimensions": [list(dimensions)],
            "Metrics": [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()],
        }
        about = {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]}
        return {"_aws": about, **dimensions, **{name: value for name, (value, _) in values.items()}}
