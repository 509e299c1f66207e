"""Services that are told to fail: how, how often, and that they are well again afterwards."""

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import embedded_aws
import pytest

from tests.examples.service.conftest import PATIENCE_SECONDS, Shop


def states(shop: Shop, colour: str) -> set[str]:
    """The health of a colour's targets."""
    described = shop.aws.client("elbv2").describe_target_health(TargetGroupArn=shop.groups[colour])
    return {item["TargetHealth"]["State"] for item in described["TargetHealthDescriptions"]}


def await_states(shop: Shop, colour: str, wanted: set[str]) -> None:
    """Wait until a colour's targets are like that."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while states(shop, colour) != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_errors_hit_payments_and_write_nothing(shop: Shop) -> None:
    embedded_aws.set_incident(shop.aws, "green", "errors")
    key = uuid.uuid4().hex
    answer = shop.pay("green", key)
    assert (answer.status, answer.headers["X-Colour"], answer.body) == (
        500,
        "green",
        {"error": "told to fail"},
    )
    assert shop.written(key) == []
    assert shop.ask("green", "GET", "/health").status == 200
    assert shop.pay("blue").status == 201
    embedded_aws.set_incident(shop.aws, "green", "none")
    assert shop.pay("green", key).status == 201


def test_a_share_of_the_payments(shop: Shop) -> None:
    cookie = shop.pay("green").cookie
    embedded_aws.set_incident(shop.aws, "green", "errors", 0.5)
    statuses = Counter(shop.pay("green", cookie=cookie).status for _ in range(100))
    assert statuses.total() == 100
    assert 15 < statuses[500] < 85  # seven standard deviations


def test_slow_payments_are_written_and_hold_up_nobody_else(shop: Shop) -> None:
    embedded_aws.set_incident(shop.aws, "green", "slow")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(shop.pay, "green")
        health = shop.ask("green", "GET", "/health").status
        overtaken = not slow.done()
        answer = slow.result()
    assert (health, overtaken, answer.status) == (200, True, 201)


def test_the_load_balancer_finds_out_who_is_unhealthy(shop: Shop) -> None:
    await_states(shop, "green", {"healthy"})
    embedded_aws.set_incident(shop.aws, "green", "unhealthy", 0)
    assert shop.ask("green", "GET", "/health").status == 503
    assert shop.pay("green").status == 201  # a share of nothing
    await_states(shop, "green", {"unhealthy"})
    assert states(shop, "blue") == {"healthy"}
    embedded_aws.set_incident(shop.aws, "green", "none")
    await_states(shop, "green", {"healthy"})


def test_what_a_service_was_told_is_told(shop: Shop) -> None:
    embedded_aws.set_incident(shop.aws, "green", "slow", 0.25)
    assert embedded_aws.local_traffic(shop.aws).services == {
        "blue": {"running": True, "mode": "none", "share": 1.0},
        "green": {"running": True, "mode": "slow", "share": 0.25},
    }


@pytest.mark.parametrize(("colour", "mode", "share"), [("teal", "none", 1), ("blue", "none", 2)])
def test_an_incident_that_cannot_be(shop: Shop, colour: str, mode: str, share: float) -> None:
    with pytest.raises(embedded_aws.LocalAwsError, match=r"no share of the requests|no service of teal"):
        embedded_aws.set_incident(shop.aws, colour, mode, share)
