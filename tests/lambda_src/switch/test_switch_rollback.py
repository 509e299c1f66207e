"""A rollback goes back, from any state that can be reached, and the next one still can.

Pure: what requests decide and record is worked out with the function's own decisions; a request may die after
any of its writes, somebody may move traffic by hand, or lose a record.
"""

from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_src.contract.actions import Action
from lambda_src.contract.errors import (
    ActiveUnknownError,
    ListenerStateError,
    RollbackRefusedError,
    RollbackTargetUnknownError,
    SwitchError,
)
from lambda_src.contract.request import Request
from lambda_src.contract.values import Colour, Weights
from lambda_src.switch.history import Entry
from lambda_src.switch.listener import Listener, declared_action, read_listener
from lambda_src.switch.models import MigrationStatus
from lambda_src.switch.move import Move, decide, repair, stay
from lambda_src.switch.records import Migration, Records, implied_by
from lambda_src.switch.routing import Routing

GROUPS = {"arn:blue": Colour.BLUE, "arn:green": Colour.GREEN}
NOT_STARTED = Migration(MigrationStatus.NOT_STARTED)
ALL_BLUE, AT_FIRST = Weights(100, 0), Records(Colour.BLUE, NOT_STARTED)
ENTRY = Entry("one", "rollback", "2027-01-01T00:00:00.000+00:00")
WRITES = 3  # listener, migration, active colour
WHOLE = WRITES + 1

_colours = st.sampled_from(Colour)
_shares = st.integers(0, 100).map(lambda blue: Weights(blue, 100 - blue))
# Forwards of any weights, those that don't sum to 100 too; None: a response of the listener itself.
_by_hand = st.none() | _shares | st.builds(Weights, st.integers(0, 3), st.integers(0, 3))


@dataclass(frozen=True)
class Step:
    """`writes`: how many it came to make before it died."""

    action: str
    target: Colour | None = None
    percent: int = 100
    weights: Weights | None = None
    writes: int = WHOLE


_writes = st.just(WHOLE) | st.integers(0, WRITES)
_steps = st.one_of(
    st.builds(Step, st.just("switch"), _colours, writes=_writes),
    st.builds(Step, st.just("shift"), _colours, st.integers(0, 100), writes=_writes),
    st.builds(Step, st.just("rollback"), st.none() | _colours, writes=_writes),
    st.builds(Step, st.just("reconcile"), writes=_writes),
    st.builds(Step, st.just("repair"), writes=_writes),
    st.builds(Step, st.just("by hand"), weights=_by_hand),
    st.builds(Step, st.sampled_from(["lose active", "lose migration"])),
)


@dataclass(frozen=True)
class World:
    """`weights`: of production's action; None: it answers by itself."""

    weights: Weights | None = ALL_BLUE
    records: Records = AT_FIRST
    died: tuple[Entry, ...] = ()

    @property
    def routing(self) -> Routing:
        return Routing(
            _listener("production listener", self.weights), _listener("test listener", Weights(0, 100))
        )

    def after(self, step: Step) -> "World":
        """Refusals change nothing, nor do they forget who died before."""
        if step.action == "by hand":
            return replace(self, weights=step.weights)
        if step.action == "lose active":
            return replace(self, records=Records(None, self.records.migration))
        if step.action == "lose migration":
            return replace(self, records=Records(self.records.active, None))
        try:
            return self.moved(self.decided(step), step.writes, step.action)
        except SwitchError:
            return self

    def decided(self, step: Step) -> Move:
        if step.action == "reconcile":
            return stay(self.routing, self.records, self.died)
        if step.action == "repair":
            return repair(self.routing, self.records, self.died)
        request = Request(Action(step.action), "one", target=step.target, percent=step.percent)
        return decide(request, step.target, self.routing, self.records, self.died)

    def moved(self, move: Move, writes: int = WHOLE, action: str = "rollback") -> "World":
        """As writer.py does it: catch up, move, record the migration, then the active colour."""
        records = move.records
        if move.before.valid:
            records = implied_by(move.before, records, rolling_back=False)
        action = action if action in tuple(Action) else "reconcile"
        died = (
            (*self.died, replace(ENTRY, action=action, before=move.before, after=move.after))
            if writes < WHOLE
            else ()
        )
        if writes == 0:
            return World(self.weights, records if move.writes_production else move.records, died)
        if not move.writes_production:
            records = move.records
        implied = implied_by(move.after, records, rolling_back=move.rolling_back)
        migration = implied.migration if writes > 1 else records.migration
        active = implied.active if writes >= WRITES else records.active
        return World(move.after, Records(active, migration), died)


def _listener(role: str, weights: Weights | None) -> Listener:
    if weights is None:
        return read_listener("arn", role, {"DefaultActions": [{"Type": "fixed-response"}]}, GROUPS)
    action = declared_action(weights, GROUPS, sticky=False)
    return read_listener("arn", role, {"DefaultActions": [action]}, GROUPS)


BACK = Step("rollback")


@given(steps=st.lists(_steps, max_size=8))
@example([Step("switch", Colour.GREEN), Step("reconcile", writes=0), Step("by hand", weights=ALL_BLUE)])
def test_a_rollback_restores_the_source_or_says_why_not(steps: list[Step]) -> None:
    world = World()
    for step in steps:
        world = world.after(step)
    try:
        move = world.decided(BACK)
    except RollbackTargetUnknownError:
        assert None in (world.records.active, world.records.migration) or _was_moved_unrecorded(world)
        for colour in Colour:  # it asks for a colour, and takes it
            assert world.moved(world.decided(replace(BACK, target=colour))).weights == Weights.giving(
                colour, 100
            )
        return
    source = move.after.holder
    assert source is move.active
    assert source is not None
    with pytest.raises(RollbackRefusedError, match=f"switch --to {source.other}"):
        world.decided(replace(BACK, target=source.other))
    assert world.decided(replace(BACK, target=source)) == move
    back = world.moved(move)
    assert back.weights == Weights.giving(source, 100)
    assert back.decided(BACK).after == back.weights  # the next one finds the way, and it is there already
    there = back.after(Step("switch", source.other))
    assert there.weights == Weights.giving(source.other, 100)
    assert there.decided(BACK).after == back.weights


def _was_moved_unrecorded(world: World) -> bool:
    """All traffic is on one colour, the other is recorded as active, and no request moved it."""
    share = world.routing.production.share
    holder = share.holder if share else None
    moved = any(entry.after == share != entry.before for entry in world.died)
    return holder is not None and world.records.active is holder.other and not moved


@given(steps=st.lists(_steps, max_size=6), writes=st.integers(0, WRITES))
def test_a_rollback_that_died_ends_where_it_was_to_end(steps: list[Step], writes: int) -> None:
    world = World()
    for step in steps:
        world = world.after(step)
    try:
        move = world.decided(BACK)
    except RollbackTargetUnknownError:
        return
    died = world.moved(move, writes)
    assert died.moved(died.decided(BACK)).weights == move.after


@given(steps=st.lists(_steps, max_size=8))
def test_a_repair_keeps_what_clients_get_and_the_way_back(steps: list[Step]) -> None:
    world = World()
    for step in steps:
        world = world.after(step)
    share = world.routing.production.share
    try:
        move = world.decided(Step("repair"))
    except ActiveUnknownError:
        assert None in (world.records.active, world.records.migration)
        return
    assert move.after.valid
    assert share in (None, move.after)
    if share is None:
        assert move.after.holder is world.records.last_active
    try:
        before = world.decided(BACK).after
    except RollbackTargetUnknownError:
        return
    assert share is None or world.moved(move).decided(BACK).after == before


@pytest.mark.parametrize("action", ["switch", "shift"])
def test_nothing_moves_forward_from_another_shape(action: str) -> None:
    for weights in (None, Weights(0, 1), Weights(0, 0), Weights(1, 1)):
        with pytest.raises(ListenerStateError, match="production listener"):
            World(weights=weights).decided(Step(action, Colour.GREEN))
