"""The load and its audit: what is lost or duplicated is found."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from bluegreen.operate import payment_service
from bluegreen.operate.load.audit import Audit, audit, judge
from bluegreen.operate.load.customers import Load, Plan
from bluegreen.operate.load.tally import Tally
from tests.examples.payment_service.conftest import Shop, open_shop

REQUESTS = 400


def plan(shop: Shop, **changed: Any) -> Plan:
    """A short load on both colours."""
    settings = {"rate": 2000.0, "customers": 8, "requests": REQUESTS, "duration": 60.0} | changed
    return Plan(url=shop.urls["both"], certificates=shop.certificates, **settings)


def ran(plan: Plan) -> Load:
    """That load, after it has run."""

    async def run() -> Load:
        load = Load(plan, Tally())
        await load.run()
        return load

    return asyncio.run(run())


def database(aws: embedded_aws.LocalAws) -> Path:
    return payment_service.payments_file(aws)


def test_every_payment_is_answered_and_written_once(shop: Shop) -> None:
    load = ran(plan(shop))
    summary = load.tally.summary()
    repeated = REQUESTS - len(load.answered)
    assert asyncio.run(audit(load)) == Audit(written=len(load.answered), lost=0, duplicated=0, unanswered=0)
    assert (summary["requests"], summary["failed"], summary["outcomes"]) == (
        REQUESTS,
        0,
        {"201": REQUESTS},
    )
    assert summary["replayed"] == repeated > 0
    assert set(summary["answered_by"]) == {"blue", "green"}
    assert sum(summary["answered_by"].values()) == REQUESTS
    assert summary["sessions_crossed"] > 0
    seconds = [second["answered_by"] for second in summary["timeline"]]
    assert sum(sum(second.values()) for second in seconds) == REQUESTS


def test_failures_are_told_by_side_and_are_no_losses(shop: Shop) -> None:
    embedded_aws.set_incident(shop.aws, "green", "errors")
    load = ran(plan(shop))
    summary = load.tally.summary()
    assert summary["failed_by"] == {"green": summary["failed"]}
    assert summary["outcomes"] == {"201": REQUESTS - summary["failed"], "500": summary["failed"]}
    assert asyncio.run(audit(load)).passed


def test_a_lost_payment_is_found(shop: Shop) -> None:
    load = ran(plan(shop))
    gone = next(key for key, payment in load.answered.items() if payment)
    with sqlite3.connect(database(shop.aws)) as connection:
        connection.execute("DELETE FROM payments WHERE idempotency_key = ?", (gone,))
    connection.close()
    judged = asyncio.run(audit(load))
    assert (judged.lost, judged.duplicated, judged.passed) == (1, 0, False)


@pytest.mark.integration
def test_a_service_that_writes_twice_is_found(tmp_path: Path) -> None:
    """The table is there before the services are, without the key that makes the write conditional."""
    with embedded_aws.running(tmp_path / "aws") as aws:
        database(aws).parent.mkdir()
        with sqlite3.connect(database(aws)) as connection:
            connection.execute(
                "CREATE TABLE payments (idempotency_key, payment_id, session_id, amount, currency, colour, "
                "written_at)"
            )
        connection.close()
        judged = asyncio.run(audit(load := ran(plan(open_shop(aws)))))
    assert judged.duplicated == load.tally.summary()["replayed"] > 0
    assert (judged.lost, judged.passed) == (0, False)


def test_it_ends_when_its_time_is_over_or_somebody_stops_it(shop: Shop) -> None:
    assert 0 < ran(plan(shop, requests=10**6, rate=100.0, duration=1.0)).tally.requests < 1000

    async def stopped() -> Load:
        load = Load(plan(shop, requests=10**6), Tally())
        running = asyncio.create_task(load.run())
        while load.tally.requests < 50:
            await asyncio.sleep(0.01)
        load.stop()
        await running
        return load

    load = asyncio.run(stopped())
    assert 50 <= load.tally.requests < 10**5
    assert asyncio.run(audit(load)).passed


@pytest.mark.parametrize(
    ("answered", "contradicted", "written", "expected"),
    [
        ({"a": "1", "b": None}, set(), [("a", "1")], Audit(1, 0, 0, 0)),
        ({"a": "1", "b": None}, set(), [("a", "1"), ("b", "2")], Audit(2, 0, 0, 1)),
        ({"a": "1"}, set(), [], Audit(0, 1, 0, 0)),
        ({"a": "1"}, set(), [("a", "2")], Audit(1, 1, 0, 0)),
        ({"a": "1"}, set(), [("a", "1"), ("a", "2")], Audit(2, 0, 1, 0)),
        ({"a": "1"}, {"a"}, [("a", "1")], Audit(1, 0, 1, 0)),
    ],
)
def test_what_is_lost_and_what_is_duplicated(
    answered: dict[str, str | None], contradicted: set[str], written: list[tuple[str, str]], expected: Audit
) -> None:
    assert judge(answered, contradicted, written) == expected
