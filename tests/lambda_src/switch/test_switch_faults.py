"""Every fault at every AWS call of every action. Calls are counted, not listed: a new one is covered, too.

`make test` takes a part of one scenario of each action: each call with one fault, each class of faults at one
call, other pairs in the next scenario. `make test-long` takes all scenarios, and every class at every call.

Faults that the function can't tell apart are one class, of which each call gets one, in turn, so that all are
tried at one call or another: what has no effect at AWS (aws.py and writes.py turn each into the same error);
what botocore or writes.py gets over by itself; of a read, to which it makes no difference when the answer is
lost or the process dies, all that fail, and both deaths. That it is got over is tried once for each operation
of a scenario: it is the same client with the same settings.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest
from embedded_aws import LocalAws

from tests.conftest import CASES
from tests.default_session import led_to
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.switch.bench import Bench
from tests.lambda_src.switch.faults import Call, Fault
from tests.lambda_src.switch.scenarios import SCENARIOS, Scenario

Faults = tuple[Fault, ...]
_UNDONE: Faults = (Fault.THROTTLED, Fault.MET, Fault.ERROR, Fault.CROWDED, Fault.UNSENT)
_GOT_OVER: Faults = (Fault.THROTTLED_ONCE, Fault.UNSENT_ONCE)
_GOT_OVER_READING: Faults = (*_GOT_OVER, Fault.UNHEARD_ONCE)
_KILLING: Faults = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
_REPEATED: Faults = (Fault.MET_ONCE, Fault.CROWDED_ONCE)
# Of each class one.
_OF_A_READ: tuple[Faults, ...] = ((*_UNDONE, Fault.UNHEARD, Fault.CUT_OFF), _KILLING)
_OF_A_WRITE: tuple[Faults, ...] = (
    _UNDONE,
    *((fault,) for fault in (Fault.UNHEARD_ONCE, Fault.UNHEARD, Fault.CUT_OFF, *_KILLING)),
)
# Of each action the scenario that meets most. The calls of the two that only look are others' calls, too.
OFTEN = {
    "history": "history",
    "switch": "switch after a death",
    "shift": "first step",
    "rollback": "rollback of a workflow that died",
    "reconcile": "reconcile",
    "freeze": "freeze",
    "unfreeze": "unfreeze",
    "approve": "approve",
    "abort": "abort while it waits",
    "begin": "begin with what is held",
    "ask": "ask",
    "verify": "verify an approval",
    "finalize": "finalize",
    "begin_ledger": "begin a move of the ledger",
    "ledger": "end of a move of the ledger",
}
LOOKING = {"status", "preflight"}
ROWS = [
    pytest.param(row, each, id=each.name, marks=() if each.name in OFTEN.values() else pytest.mark.long)
    for row, each in enumerate(SCENARIOS)
]


@pytest.fixture(scope="module")
def shared_platform(embedded_aws: LocalAws) -> Iterator[LivePlatform]:
    with pytest.MonkeyPatch.context() as patch:
        led_to(embedded_aws, patch)
        yield LivePlatform.create()


def every(calls: list[Call], row: int = 0) -> Iterator[tuple[Call, Fault]]:  # noqa: ARG001 - as `some`
    """Of each class one, at every call."""
    known: set[str] = set()
    turns: Counter[Faults] = Counter()
    for call in calls:
        classes = list(_OF_A_WRITE if call.writes else _OF_A_READ)
        if call.operation not in known:
            known.add(call.operation)
            classes += _of_an_operation(call)
        for faults in classes:
            possible = [fault for fault in faults if fault in call.faults]
            if possible:
                yield call, possible[turns[faults] % len(possible)]
                turns[faults] += 1


def some(calls: list[Call], row: int) -> Iterator[tuple[Call, Fault]]:
    """Each call, and each class that is possible here, once at least. `row`: of the scenario; turns pairs."""
    firsts = list({call.operation: call for call in reversed(calls)}.values())
    yield from _paired([call for call in calls if call.writes], _OF_A_WRITE, row)
    yield from _paired([call for call in calls if not call.writes], _OF_A_READ, row)
    for faults in (_GOT_OVER, _GOT_OVER_READING, _REPEATED):
        meant = [call for call in firsts if faults in _of_an_operation(call)]
        for number in range(len(faults)):
            possible = _possible(meant, faults, number + row)
            yield from [possible[(number + row) % len(possible)]] if possible else []


def _paired(calls: list[Call], classes: Sequence[Faults], row: int) -> Iterator[tuple[Call, Fault]]:
    for number in range(max(len(calls), len(classes)) if calls else 0):
        call, faults = calls[number % len(calls)], classes[(number + row) % len(classes)]
        possible = [fault for fault in faults if fault in call.faults]
        yield call, possible[(number // len(classes) + row) % len(possible)]


def _possible(calls: list[Call], faults: Faults, turn: int) -> list[tuple[Call, Fault]]:
    fault = faults[turn % len(faults)]
    return [(call, fault) for call in calls if fault in call.faults]


def _of_an_operation(call: Call) -> list[Faults]:
    return [_GOT_OVER, _REPEATED] if call.writes else [_GOT_OVER_READING]


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("cases", [some, pytest.param(every, marks=pytest.mark.long)])
@pytest.mark.parametrize(("row", "scenario"), ROWS)
def test_every_fault_at_every_call(
    shared_platform: LivePlatform,
    row: int,
    scenario: Scenario,
    cases: Callable[[list[Call], int], Iterator[tuple[Call, Fault]]],
    record_property: Callable[[str, object], None],
) -> None:
    bench = Bench(shared_platform, scenario)
    failures = []
    for call, fault in cases(bench.calls, row):
        try:
            bench.run(call, fault)
        except Exception as error:  # noqa: BLE001 - all cases are tried, and those that failed are named
            failures.append(f"{call}, {fault.value}: {error!r:.600}")
    record_property(CASES, bench.cases)
    assert not failures, "\n".join(failures)


CALLS = [Call("dynamodb", name, "", number) for name in ("GetItem", "UpdateItem", "TransactWriteItems")
         for number in range(6)]  # fmt: skip


def test_make_test_has_each_action() -> None:
    by_name = {each.name: each.event["action"] for each in SCENARIOS}
    assert {by_name[name]: name for name in OFTEN.values()} == OFTEN
    assert OFTEN.keys() | LOOKING == set(by_name.values())


def test_every_fault_is_tried_somewhere() -> None:
    assert {fault for _, fault in every(CALLS)} == set(Fault)


@pytest.mark.parametrize("calls", [CALLS, CALLS[:2], CALLS[5:9]])
def test_a_part_has_each_call_and_each_class(calls: list[Call]) -> None:
    for row in range(20):
        part, whole = set(some(calls, row)), set(every(calls))
        assert {call for call, _ in part} == set(calls)
        for call_classes, writes in ((_OF_A_WRITE, True), (_OF_A_READ, False)):
            tried = {fault for call, fault in part if call.writes is writes}
            needed = {fault for call, fault in whole if call.writes is writes}
            assert all(tried & set(faults) for faults in call_classes if needed & set(faults))


def test_the_parts_of_all_scenarios_have_each_fault_and_pair_each_call_with_each_class() -> None:
    parts = [pair for row in range(len(SCENARIOS)) for pair in some(CALLS, row)]
    assert {fault for _, fault in parts} == set(Fault)
    for call in CALLS:
        met = {fault for known, fault in parts if known == call}
        assert all(met & set(faults) for faults in (_OF_A_WRITE if call.writes else _OF_A_READ))
