"""What a load has seen so far, and in its last second."""

import itertools
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

OK = str(HTTPStatus.CREATED.value)
NO_ANSWER = "no answer"
KEPT_LATENCIES = 1_000_000
KEPT_ANSWERS = 100_000
LIVE_SECONDS = 5


@dataclass
class Second:
    """One second, by the time that its requests were sent."""

    answered: Counter[str] = field(default_factory=Counter)  # by colour
    failed: int = 0
    latencies: list[float] = field(default_factory=list)


class Tally:
    """Counts answers. `outcomes`: by status, or NO_ANSWER; `colours`: by the colour that answered."""

    def __init__(self) -> None:
        self.started = time.time()
        self.outcomes: Counter[str] = Counter()
        self.colours: Counter[str] = Counter()
        self.failed_by: Counter[str] = Counter()
        self.replayed = 0
        self.crossed = 0
        self.latencies: list[float] = []
        self.seconds: dict[int, Second] = defaultdict(Second)
        self.moves: list[dict[str, Any]] = []
        self._paid: deque[float] = deque(maxlen=KEPT_ANSWERS)  # when payments were answered, epoch seconds

    @property
    def requests(self) -> int:
        """How many have ended, whichever way."""
        return self.outcomes.total()

    @property
    def failed(self) -> int:
        """How many ended without a written payment."""
        return self.requests - self.outcomes[OK]

    def add(self, sent: float, seconds: float, outcome: str, colour: str | None) -> None:
        """One answer: `sent` in epoch seconds, the status or NO_ANSWER, and the colour where one answered."""
        second = self.seconds[int(sent)]
        if outcome == OK:
            self._paid.append(sent + seconds)
        self.outcomes[outcome] += 1
        if colour:
            self.colours[colour] += 1
            second.answered[colour] += 1
        if outcome != OK:
            self.failed_by[colour or "none"] += 1
            second.failed += 1
        second.latencies.append(seconds)
        if len(self.latencies) < KEPT_LATENCIES:
            self.latencies.append(seconds)

    def moved(self, writer: str, epoch: int, since: float) -> None:
        """The ledger has another writer. Its pause: the longest time without a payment, after `since`."""
        answers = sorted(moment for moment in self._paid if moment >= since)
        gaps = [later - earlier for earlier, later in itertools.pairwise(answers)]
        pause = round(1000 * max(gaps)) if gaps else None
        self.moves.append({"at": round(since, 1), "writer": writer, "epoch": epoch, "pause_ms": pause})

    def last(self) -> dict[str, Any]:
        """The last whole second, as shown live. Single latencies of older ones are forgotten."""
        now = int(time.time())
        for at, older in self.seconds.items():
            if at < now - LIVE_SECONDS:
                older.latencies.clear()
        second = self.seconds.get(now - 1, Second())
        return {
            "rate": len(second.latencies),
            "failed": second.failed,
            "latency_ms": percentiles(second.latencies),
            "shares": shares(second.answered),
        }

    def totals(self) -> dict[str, Any]:
        """What is cheap to tell of everything until now."""
        elapsed = max(time.time() - self.started, 0.001)
        return {
            "requests": self.requests,
            "seconds": round(elapsed, 1),
            "rate": round(self.requests / elapsed, 1),
            "failed": self.failed,
        }

    def summary(self) -> dict[str, Any]:
        """All of it. `timeline`: a second each, epoch seconds with answers by colour and failures."""
        return self.totals() | {
            "failed_by": dict(sorted(self.failed_by.items())),
            "outcomes": dict(sorted(self.outcomes.items())),
            "latency_ms": percentiles(self.latencies),
            "answered_by": dict(sorted(self.colours.items())),
            "shares": shares(self.colours),
            "replayed": self.replayed,
            "sessions_crossed": self.crossed,
            "moves": self.moves,
            "timeline": [
                {"at": at, "answered_by": dict(second.answered), "failed": second.failed}
                for at, second in sorted(self.seconds.items())
            ],
        }


def percentiles(latencies: list[float]) -> dict[str, float | None]:
    """p50 and p99 in milliseconds; None where there is nothing to tell."""
    ordered = sorted(latencies)
    return {
        name: round(1000 * ordered[int(share * (len(ordered) - 1))], 1) if ordered else None
        for name, share in (("p50", 0.5), ("p99", 0.99))
    }


def shares(answered: Counter[str]) -> dict[str, float]:
    """Percent of the answers by colour."""
    total = answered.total()
    return {colour: round(100 * count / total, 1) for colour, count in sorted(answered.items())}
