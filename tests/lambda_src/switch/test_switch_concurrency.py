"""Two hundred requests at the same moment: one is carried out, the others are refused by name."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lambda_src.contract.errors import LockedError, SwitchError
from lambda_src.switch.aws import Clients
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, LivePlatform
from tests.lambda_src.switch.scenarios import PLAN

REQUESTS = 200
CONTAINERS = 8  # each with clients of its own


def at_once(
    platform: LivePlatform, event: Callable[[int], dict[str, Any]]
) -> tuple[list[Any], list[SwitchError]]:
    """The answers, and the errors."""
    containers = [platform.with_clients(Clients()) for _ in range(CONTAINERS)]

    def request(number: int) -> dict[str, Any] | SwitchError:
        try:
            return containers[number % CONTAINERS].invoke(event(number))
        except SwitchError as error:
            return error

    with ThreadPoolExecutor(4 * CONTAINERS) as threads:
        results = list(threads.map(request, range(REQUESTS)))
    errors = [result for result in results if isinstance(result, SwitchError)]
    return [result for result in results if not isinstance(result, SwitchError)], errors


def outcomes(platform: LivePlatform) -> Counter[str]:
    """How often each outcome is in the history."""
    entries = platform.invoke({"action": "history", "limit": 50})["entries"]
    return Counter(entry["outcome"] for entry in entries)


def test_of_two_hundred_switches_one_moves_the_traffic(platform: LivePlatform) -> None:
    answers, errors = at_once(platform, lambda _: {"action": "switch", "target": "green"})
    assert [answer["changed"] for answer in answers].count(True) == 1
    assert {type(error) for error in errors} <= {LockedError}
    assert len(answers) + len(errors) == REQUESTS
    assert platform.state.told[:3] == (ALL_GREEN, ALL_BLUE, "green")
    assert set(outcomes(platform)) == {"done"}
    assert platform.invoke({"action": "status"})["lock"] is None


def test_of_two_hundred_workflows_one_begins(platform: LivePlatform) -> None:
    answers, errors = at_once(
        platform, lambda number: {"action": "begin", "workflow": f"shift-{number}", "plan": PLAN}
    )
    assert len(answers) == 1
    assert {type(error) for error in errors} == {LockedError}
    assert platform.invoke({"action": "status"})["workflow"]["id"] == answers[0]["workflow"]
    assert outcomes(platform) == {"done": 1}


def test_one_request_sent_two_hundred_times_is_carried_out_once(platform: LivePlatform) -> None:
    event = {"action": "shift", "target": "green", "percent": 30, "request_id": "one"}
    answers, errors = at_once(platform, lambda _: event)
    assert [answer["repeated"] for answer in answers].count(False) == 1
    answers.append(platform.invoke(event))
    first = next(answer for answer in answers if not answer["repeated"])
    assert answers[-1]["repeated"]
    assert all(answer | {"repeated": False} == first for answer in answers)
    assert {type(error) for error in errors} <= {LockedError}
    assert outcomes(platform) == {"done": 1}
