"""The demo service: a payment is written once, however often it is sent, and both colours share sessions."""

import hashlib
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.examples.service.conftest import COLOURS, TABLE, Shop, database

ORDER = '{"amount": 1250, "currency": "EUR"}'


def session_id(token: str | None) -> str:
    """What the table knows a customer's token as."""
    return hashlib.sha256((token or "").encode()).hexdigest()


@pytest.mark.parametrize("colour", COLOURS)
def test_it_tells_who_answers(shop: Shop, colour: str) -> None:
    answer = shop.ask(colour, "GET", "/")
    host = {"blue": 10, "green": 11}[colour]
    assert (answer.status, answer.headers["X-Colour"], answer.body["colour"]) == (200, colour, colour)
    assert answer.body["target"] in {f"10.20.{zone}.{host}:8443" for zone in range(3)}
    for path in ("/health", "/healthz", "/payments/health", "/health/ready"):
        assert shop.ask(colour, "GET", path).body == {"status": "healthy", "colour": colour}
    assert shop.ask(colour, "GET", "/payments/unhealthy").status == 404


def test_all_targets_of_a_colour_answer(shop: Shop) -> None:
    assert {shop.ask("blue", "GET", "/").body["target"] for _ in range(6)} == {
        f"10.20.{zone}.10:8443" for zone in range(3)
    }


def test_a_payment_is_written_once_and_answered_alike_on_both_colours(shop: Shop) -> None:
    key = uuid.uuid4().hex
    first = shop.pay("blue", key)
    again = [shop.pay(colour, key, first.cookie) for colour in ("green", "blue")]
    assert (first.status, first.body["colour"], first.headers["Idempotent-Replayed"]) == (201, "blue", None)
    for repeated in again:
        assert (repeated.status, repeated.body) == (201, first.body)
        assert repeated.headers["Idempotent-Replayed"] == "true"
    assert [answer.headers["X-Colour"] for answer in again] == ["green", "blue"]
    assert shop.written(key) == [(key, first.body["payment_id"], "blue")]


def test_one_key_at_the_same_moment_on_both_colours_is_one_payment(shop: Shop) -> None:
    cookie = shop.pay("blue").cookie
    for _ in range(5):
        key = uuid.uuid4().hex
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda n: shop.pay(COLOURS[n % 2], key, cookie), range(8)))  # noqa: B023
        assert {answer.status for answer in answers} == {201}
        assert len({answer.body["payment_id"] for answer in answers}) == 1
        assert sum(answer.headers["Idempotent-Replayed"] is None for answer in answers) == 1
        assert len(shop.written(key)) == 1


def test_a_key_is_not_taken_for_another_payment_or_by_another_customer(shop: Shop) -> None:
    key = uuid.uuid4().hex
    cookie = shop.pay("blue", key).cookie
    stranger = shop.pay("blue").cookie
    assert shop.pay("green", key, cookie, amount=1).status == 422
    assert shop.pay("green", key, stranger).status == 422
    assert len(shop.written(key)) == 1


def test_a_session_lives_in_the_table_and_on_both_colours(shop: Shop) -> None:
    first = shop.pay("blue")
    item = shop.session(session_id(first.cookie))
    assert item is not None
    assert item["begun_by"] == {"S": "blue"}
    assert int(item["expires_at"]["N"]) > time.time()
    other = shop.pay("green", cookie=first.cookie)
    assert (other.status, other.body["session_begun_by"], other.cookie) == (201, "blue", None)
    attributes = first.headers["Set-Cookie"].lower()
    assert all(word in attributes for word in ("secure", "httponly", "samesite=strict"))


def test_a_session_that_is_not_there_is_refused(shop: Shop) -> None:
    cookie = shop.pay("blue").cookie
    shop.aws.client("dynamodb").delete_item(TableName=TABLE, Key={"session_id": {"S": session_id(cookie)}})
    answer = shop.pay("green", cookie=cookie)  # blue may still remember it
    assert (answer.status, answer.body) == (
        401,
        {"error": "this session has ended, or there never was one"},
    )


@pytest.mark.parametrize(("left", "status"), [(-1, 401), (60, 201)])
def test_a_session_ends_and_is_prolonged_while_it_is_used(shop: Shop, left: int, status: int) -> None:
    token, expires_at = uuid.uuid4().hex, int(time.time()) + left
    shop.aws.client("dynamodb").put_item(
        TableName=TABLE,
        Item={
            "session_id": {"S": session_id(token)},
            "begun_by": {"S": "green"},
            "expires_at": {"N": str(expires_at)},
        },
    )
    assert shop.pay("blue", cookie=token).status == status
    item = shop.session(session_id(token))
    assert item is not None
    assert (int(item["expires_at"]["N"]) > expires_at) is (status == 201)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{",
        '{"amount": 1}',
        '{"amount": 0, "currency": "EUR"}',
        '{"amount": -1, "currency": "EUR"}',
        '{"amount": 1000000000001, "currency": "EUR"}',
        '{"amount": 1.5, "currency": "EUR"}',
        '{"amount": true, "currency": "EUR"}',
        '{"amount": "1", "currency": "EUR"}',
        '{"amount": 1, "currency": "euro"}',
        '{"amount": 1, "currency": 978}',
    ],
)
def test_an_order_that_makes_no_sense_is_refused(shop: Shop, body: str) -> None:
    key = uuid.uuid4().hex
    answer = shop.ask("blue", "POST", "/payments", body, idempotency_key=key)
    assert (answer.status, list(answer.body)) == (400, ["error"])
    assert (answer.cookie, shop.written(key)) == (None, [])


def test_a_payment_needs_a_key(shop: Shop) -> None:
    assert shop.ask("blue", "POST", "/payments", ORDER).status == 400
    assert shop.ask("blue", "POST", "/payments", ORDER, idempotency_key="x" * 256).status == 400


def test_other_requests_are_refused(shop: Shop) -> None:
    assert shop.ask("blue", "DELETE", "/payments").status == 405
    assert shop.ask("blue", "GET", "/payments?prefix=&after=x").status == 400


def test_connections_that_broke_while_idle_are_no_reason_not_to_read(shop: Shop) -> None:
    path, server = "/payments?prefix=nothing-&database=green", database(shop, "green")
    assert shop.ask("blue", "GET", path).status == 200
    idle = "SELECT id FROM information_schema.processlist WHERE db = 'payments' AND command = 'Sleep'"
    found = server.ask(idle)
    assert found
    for (connection,) in found:
        server.ask(f"KILL {connection}")
    assert shop.ask("blue", "GET", path).status == 200


def test_no_token_is_kept_where_it_could_be_read(shop: Shop) -> None:
    cookie = shop.pay("blue").cookie
    assert cookie
    everything = shop.aws.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert cookie not in json.dumps(everything)
    kept = [file for file in shop.aws.state_dir.rglob("*") if file.is_file()]
    assert {"aws.log", "places.json", "load-balancer.pem"} <= {file.name for file in kept}
    assert [file.name for file in kept if cookie.encode() in file.read_bytes()] == []
    assert [file.name for file in kept if b"PRIVATE KEY" in file.read_bytes()] == []
