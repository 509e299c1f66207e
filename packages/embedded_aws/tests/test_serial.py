"""Requests to services that aren't made for threads don't meet."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BrokenBarrierError, Lock
from typing import Any

from embedded_aws.serial import Application, one_at_a_time


def meetings(wrap: bool) -> int:
    """How many of two concurrent requests met another one inside the application."""
    barrier = Barrier(2)
    met = []

    def application(_environ: Any, _start_response: Any) -> Iterable[bytes]:
        try:
            barrier.wait(timeout=0.5)
            met.append(True)
        except BrokenBarrierError:
            pass
        return []

    entered: Application = one_at_a_time(application, Lock()) if wrap else application
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: entered({}, None), range(2)))
    return len(met)


def test_requests_meet_only_where_nothing_keeps_them_apart() -> None:
    assert meetings(wrap=False) == 2
    assert meetings(wrap=True) == 0
