"""Runs a scenario undisturbed, then with one fault at a time, and judges what is left each time.

What is asserted of each case:

- Production and records are at a point that the undisturbed run passes through, too, and the test listener,
  which is turned at the same time as they are recorded, at its start or its end. So weights are those of the
  start or of the end and nothing else, a colour that isn't fit never gets any, and the records contradict the
  listener only where they do so on the way.
- What leaves the function is an answer, and then all is as after the undisturbed run; or a SwitchError whose
  weights are the live ones, or none. A death ends it at once: nothing is written afterwards.
- A request that could still write has let the lock go.
- From whatever is left, the same request sent again ends as the undisturbed run did. And once the lock and
  the lease have ended, `reconcile` gets listener and records to agree, and frees the lock.

Two cases that leave AWS in the same state go on from there in the same way: from each state that is left, it
is gone on once.
"""

from dataclasses import dataclass, field
from typing import Any

from lambda_src.contract.errors import SwitchError
from lambda_src.contract.values import Colour, Weights
from tests.lambda_src.live_platform import LivePlatform, State
from tests.lambda_src.switch.faults import WRITES, Call, Fault, Killed
from tests.lambda_src.switch.scenarios import LOCK_SECONDS, REST_SECONDS, Scenario, later
from tests.lambda_src.switch.snapshot import Snapshot, without_volatile
from tests.lambda_src.switch.wire import Wire

_MOVERS = frozenset({"switch", "shift", "rollback"})
_ALWAYS_NEEDED = frozenset({"DescribeListeners", "GetParameters", "GetItem"}) | (WRITES - {"Publish"})
_READERS = frozenset({"status", "history", "preflight"})
# Without one of these a rollback goes on, and says what is unknown.
_OF_THE_ROUTING = frozenset(
    {
        "DescribeListeners",
        "DescribeRules",
        "DescribeTargetGroupAttributes",
        "DescribeTargetHealth",
    }
)


@dataclass(frozen=True)
class Outcome:
    """`answer` without what differs from run to run; `error` is None when there is one."""

    answer: Any = None
    error: SwitchError | None = None
    killed: bool = False

    @classmethod
    def of(cls, scenario: Scenario, platform: LivePlatform, ahead: float = 0) -> "Outcome":
        try:
            return cls(without_volatile(scenario.send(platform, ahead)))
        except SwitchError as error:
            return cls(error=error)
        except Killed:
            return cls(killed=True)

    @property
    def kind(self) -> str:
        return "killed" if self.killed else type(self.error).__name__ if self.error else "answer"


@dataclass
class Bench:
    """One scenario on a platform. `cases` counts the runs with a fault, `recoveries` those that went on."""

    platform: LivePlatform
    scenario: Scenario
    cases: int = 0
    recoveries: int = 0
    _seen: set[str] = field(default_factory=set)
    _there: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        platform = self.platform
        platform.colours.fix()
        for colour in ("blue", "green"):
            platform.register(Colour(colour), 2)
        platform.forget()
        platform.put(State())
        self.scenario.start(platform)
        self.start = self._there = Snapshot.of(platform)
        self._again()
        self.trail = [platform.state.told]

        def follow(call: Call) -> None:
            if call.writes:
                self.trail.append(platform.state.told)

        with Wire.of(platform, on_effect=follow) as wire:
            self.outcome = Outcome.of(self.scenario, platform)
        self.calls = wire.calls
        # What comes anew is read anew.
        self._known = {} if self.scenario.comes_anew else wire.read
        self.after = self._there = Snapshot.of(platform)
        self.end = self.after.end(self.scenario.id)
        self._judge_undisturbed()

    def run(self, call: Call, fault: Fault) -> None:
        """One case."""
        self.cases += 1
        self._again()
        with Wire.of(self.platform, call, fault, known=self._known) as wire:
            outcome = Outcome.of(self.scenario, self.platform)
        assert wire.hit
        left = self._there = Snapshot.of(self.platform)
        assert _without_test(left.state.told) in map(_without_test, self.trail)
        assert left.state.test_weights in (self.start.state.test_weights, self.after.state.test_weights)
        assert outcome.killed == fault.kills
        assert wire.afterwards == []
        if call.operation == "Publish" and not fault.kills and fault is not Fault.CUT_OFF:
            assert outcome.kind == self.outcome.kind  # that nobody was told makes it no failure
        if fault.once:
            assert (outcome.kind, left.end(self.scenario.id)) == (self.outcome.kind, self.end)
        if outcome.error:
            assert outcome.error.weights in (None, left.state.weights)
            self._judge_error(call, fault, left)
        elif not outcome.killed:
            if outcome.answer.get("test_weights", True) is None:  # production went without it
                assert _without_test(left.state.told) == _without_test(self.after.state.told)
                return
            assert left.end(self.scenario.id) == self.end
            assert fault.once or self._may_be_missed(call, outcome)
        seen = left.seen_by(self.scenario.id)
        if seen not in self._seen:
            self._seen.add(seen)
            self._go_on(left)

    def _again(self) -> None:
        self.start.restore(self.platform, self._there)
        self.scenario.anew(self.platform)

    def _judge_undisturbed(self) -> None:
        weights = [told[0] for told in self.trail]
        assert all(isinstance(each, Weights) and each.valid for each in weights)
        start = self.start.state
        assert set(weights) <= {start.weights, self.after.state.weights}
        for production, _, active, migration in self.trail:  # nothing is recorded before it is so
            if production == start.weights:
                assert active in (start.active, start.weights.holder)
                assert _weights(migration) in (_weights(start.migration), start.weights.to_json())
        if self.outcome.error:
            assert self.after.state == self.start.state
            assert "busy_until" not in self.after.control or "busy_until" in self.start.control

    def _may_be_missed(self, call: Call, outcome: Outcome) -> bool:
        """Without a read nothing is decided, or the answer says so; nobody need be told. Gates
        are looked up, but not asked, where nothing moves, or the colour that was named loses traffic.
        """
        if self.scenario.event["action"] == "reconcile" and _is_of_images(call):
            return bool(outcome.answer["images"] != self.outcome.answer["images"])
        if self.scenario.event["action"] == "rollback" and call.operation in _OF_THE_ROUTING:
            return bool(outcome.answer["findings"])
        if self.scenario.event["action"] in _MOVERS and not self._asked_colour_gains():
            return call.operation not in _ALWAYS_NEEDED
        if self.scenario.event["action"] in _READERS:
            return bool(outcome.answer != self.outcome.answer)
        return call.operation == "Publish"

    def _asked_colour_gains(self) -> bool:
        before, after = self.start.state.weights, self.after.state.weights
        named = self.scenario.event.get("target")
        return before != after and (named is None or after.of(Colour(named)) > before.of(Colour(named)))

    def _judge_error(self, call: Call, fault: Fault, left: Snapshot) -> None:
        """Where the table was to be reached, the lock is free: or it is still somebody else's."""
        about_table = call.resource.startswith("traffic") or fault is Fault.CUT_OFF
        if not about_table and "busy_until" not in self.start.control:
            assert "busy_until" not in left.control, "the lock was kept"

    def _go_on(self, left: Snapshot) -> None:
        """The same request again; then, from the same state, reconcile."""
        self.recoveries += 1
        again = Outcome.of(self.scenario, self.platform, LOCK_SECONDS)
        assert again.kind == self.outcome.kind, again.error
        now = self._there = Snapshot.of(self.platform)
        assert now.end(self.scenario.id) == self.end
        if self.scenario.event["action"] in _READERS:
            return
        entries = [item["entry"] for item in now.documents.values() if "entry" in item]
        # The end of a move that the mover refused is carried out as one that was refused.
        carried_out = ("refused",) if "error" in self.scenario.event else ("done",)
        done = [e for e in entries if e["id"] == self.scenario.id and e["outcome"] in carried_out]
        assert len(done) == (0 if self.outcome.error else self.end[3][0] is not None)
        if self.start.state.active is None:
            return  # nobody knows what to reconcile with
        left.restore(self.platform, now)
        self.platform.invoke({"action": "reconcile"}, clock=later(REST_SECONDS))
        self._there = Snapshot.of(self.platform)
        assert self._there.state.weights == left.state.weights
        status = self.platform.invoke({"action": "status"}, clock=later(REST_SECONDS))
        assert (status["differences"], status["lock"]) == ([], None)
        assert status["workflow"] is None or status["workflow"]["finished_at"]


def _without_test(told: tuple[object, ...]) -> tuple[object, ...]:
    """What `State.told` tells, but for the test listener's weights."""
    return told[0], *told[2:]


def _is_of_images(call: Call) -> bool:
    """Whether it reads what a colour runs: without it `reconcile` says what it does not know."""
    return call.service == "ecs" or call.resource.endswith("_IMAGE_PARAM")


def _weights(migration: Any) -> Any:
    return migration.get("weights") if isinstance(migration, dict) else None
