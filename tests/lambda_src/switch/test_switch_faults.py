"""Every fault at every AWS call of every action. Calls are counted, not listed: a new one is covered, too.

Faults that the function can't tell apart are one class, of which each call gets one, in turn, so that all are
tried at one call or another: what has no effect at AWS (aws.py and writes.py turn each into the same error);
what botocore or writes.py gets over by itself; of a read, to which it makes no difference when the answer is
lost or the process dies, all that fail, and both deaths. That it is got over is tried once for each operation
of a scenario: it is the same client with the same settings.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from embedded_aws import LocalAws

from tests.conftest import CASES
from tests.default_session import led_to
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.switch.bench import Bench
from tests.lambda_src.switch.faults import Call, Fault
from tests.lambda_src.switch.scenarios import SCENARIOS, Scenario

_UNDONE = (Fault.THROTTLED, Fault.MET, Fault.ERROR, Fault.CROWDED, Fault.UNSENT)
_GOT_OVER = (Fault.THROTTLED_ONCE, Fault.UNSENT_ONCE)
_KILLING = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
_REPEATED = (Fault.MET_ONCE, Fault.CROWDED_ONCE)
# Of each class one.
_OF_A_READ = ((*_UNDONE, Fault.UNHEARD, Fault.CUT_OFF), _KILLING)
_OF_A_WRITE = (
    _UNDONE,
    *((fault,) for fault in (Fault.UNHEARD_ONCE, Fault.UNHEARD, Fault.CUT_OFF, *_KILLING)),
)


@pytest.fixture(scope="module")
def shared_platform(embedded_aws: LocalAws) -> Iterator[LivePlatform]:
    with pytest.MonkeyPatch.context() as patch:
        led_to(embedded_aws, patch)
        yield LivePlatform.create()


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_fault_at_every_call(
    shared_platform: LivePlatform, scenario: Scenario, record_property: Callable[[str, object], None]
) -> None:
    bench = Bench(shared_platform, scenario)
    failures = []
    for call, fault in cases(bench.calls):
        try:
            bench.run(call, fault)
        except Exception as error:  # noqa: BLE001 - all cases are tried, and those that failed are named
            failures.append(f"{call}, {fault.value}: {error!r:.600}")
    record_property(CASES, bench.cases)
    assert not failures, "\n".join(failures)


def cases(calls: list[Call]) -> Iterator[tuple[Call, Fault]]:
    known: set[str] = set()
    turns: Counter[tuple[Fault, ...]] = Counter()
    for call in calls:
        classes = list(_OF_A_WRITE if call.writes else _OF_A_READ)
        if call.operation not in known:
            known.add(call.operation)
            classes += [_GOT_OVER, _REPEATED] if call.writes else [(*_GOT_OVER, Fault.UNHEARD_ONCE)]
        for faults in classes:
            possible = [fault for fault in faults if fault in call.faults]
            if possible:
                yield call, possible[turns[faults] % len(possible)]
                turns[faults] += 1


def test_every_fault_is_tried_somewhere() -> None:
    calls = [Call("dynamodb", name, "", number) for name in ("GetItem", "UpdateItem", "TransactWriteItems")
             for number in range(6)]  # fmt: skip
    assert {fault for _, fault in cases(calls)} == set(Fault)
