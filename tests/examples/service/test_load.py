"""The load and its audit: what is lost or duplicated is found."""

import asyncio
from typing import Any

import embedded_aws
import pytest

from bluegreen.operate.load.audit import Audit, audit, judge
from bluegreen.operate.load.customers import Load, Plan
from bluegreen.operate.load.tally import Tally
from tests.examples.service.conftest import Shop, database, run_all

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


def test_every_payment_is_answered_and_written_once(shop: Shop) -> None:
    load = ran(plan(shop))
    summary = load.tally.summary()
    repeated = REQUESTS - len(load.answered)
    assert asyncio.run(audit(load)) == Audit(
        written=len(load.answered), lost=0, duplicated=0, split=0, unanswered=0
    )
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


def test_failures_are_told_by_colour_and_are_no_losses(shop: Shop) -> None:
    embedded_aws.set_incident(shop.aws, "green", "errors")
    load = ran(plan(shop))
    summary = load.tally.summary()
    assert summary["failed_by"] == {"green": summary["failed"]}
    assert summary["outcomes"] == {"201": REQUESTS - summary["failed"], "500": summary["failed"]}
    assert asyncio.run(audit(load)).passed


def test_a_lost_payment_is_found(shop: Shop) -> None:
    load = ran(plan(shop))
    gone = next(key for key, payment in load.answered.items() if payment)
    database(shop).ask("DELETE FROM payments.payment WHERE idempotency_key = %s", gone)
    judged = asyncio.run(audit(load))
    assert (judged.lost, judged.duplicated, judged.passed) == (1, 0, False)


def test_a_split_payment_is_found(shop: Shop) -> None:
    """A row in one database only: written there past replication."""
    load = ran(plan(shop))
    gone = next(key for key, payment in load.answered.items() if payment)
    run_all(
        database(shop),
        ("SET sql_log_bin = OFF", f"DELETE FROM payments.payment WHERE idempotency_key = '{gone}'"),  # noqa: S608
    )
    judged = asyncio.run(audit(load))
    assert (judged.lost, judged.split, judged.passed) == (1, 1, False)


def test_a_service_that_writes_twice_is_found(shop: Shop) -> None:
    """Without the key that makes the write conditional."""
    run_all(database(shop), ("DROP INDEX idempotency_key ON payments.payment",))
    try:
        judged = asyncio.run(audit(load := ran(plan(shop))))
    finally:
        run_all(
            database(shop),
            (
                "DELETE FROM payments.payment WHERE number NOT IN "
                "(SELECT * FROM (SELECT MIN(number) FROM payments.payment GROUP BY idempotency_key) AS kept)",
                "CREATE UNIQUE INDEX idempotency_key ON payments.payment (idempotency_key)",
            ),
        )
    assert judged.duplicated == len(load.contradicted) > 0
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
    ("answered", "contradicted", "blue", "green", "expected"),
    [
        ({"a": "1", "b": None}, set(), "a1", "a1", Audit(1, 0, 0, 0, 0)),
        ({"a": "1", "b": None}, set(), "a1 b2", "a1 b2", Audit(2, 0, 0, 0, 1)),
        ({"a": "1"}, set(), "", "", Audit(0, 1, 0, 0, 0)),
        ({"a": "1"}, set(), "a2", "a2", Audit(1, 1, 0, 0, 0)),
        ({"a": "1"}, set(), "a1 a2", "a1 a2", Audit(1, 0, 1, 0, 0)),
        ({"a": "1"}, {"a"}, "a1", "a1", Audit(1, 0, 1, 0, 0)),
        ({"a": "1"}, set(), "a1", "", Audit(1, 1, 0, 1, 0)),
        ({"a": "1"}, set(), "a1", "a2", Audit(1, 1, 1, 1, 0)),
    ],
)
def test_what_is_lost_duplicated_and_split(
    answered: dict[str, str | None], contradicted: set[str], blue: str, green: str, expected: Audit
) -> None:
    databases = [[(pair[0], pair[1]) for pair in written.split()] for written in (blue, green)]
    assert judge(answered, contradicted, databases) == expected
