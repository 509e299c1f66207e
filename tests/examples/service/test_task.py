"""The example as ECS runs it: its entry point, configured by the environment alone, on real databases."""

import json
import socket
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bluegreen.operate.databases import local
from bluegreen.operate.databases.server import Root, free_port
from examples.service.ledger import WARM
from lambda_src.contract.values import Colour
from tests.examples.service.conftest import PATIENCE_SECONDS, Shop, database, run_all
from tests.examples.service.proxy import between
from tests.examples.service.task import Task, started
from tests.standing_ledger import PRIVILEGES

CARD = "4111111111111111"
WAITING = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
PAYERS = 6


@pytest.fixture(scope="module")
def task(opened: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Task]:
    """One of green, while blue's database is the writer."""
    with started(opened, tmp_path_factory.mktemp("task"), "task") as running:
        yield running


def written(shop: Shop, key: str, colour: str = "blue") -> list[tuple[Any, ...]]:
    """Rows of a payment."""
    return database(shop, colour).ask(
        "SELECT payment_id, colour FROM payments.payment WHERE idempotency_key = %s", key
    )


def eventually(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def metrics(task: Task) -> Counter[str]:
    """Sums of the counts; a line that is not what CloudWatch's specification says fails."""
    sums: Counter[str] = Counter()
    for line in task.lines:
        if "_aws" not in line:
            continue
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Payments"
        assert abs(line["_aws"]["Timestamp"] / 1000 - time.time()) < 3600
        ((*dimensions,),) = directive["Dimensions"]
        assert {type(line[name]) for name in dimensions} == {str}
        for metric in directive["Metrics"]:
            name, value = metric["Name"], line[metric["Name"]]
            assert metric["Unit"] in {"Count", "Milliseconds"}
            assert not isinstance(value, list) or 0 < len(value) <= 100
            counted = value if metric["Unit"] == "Count" else len(value)
            sums[f"{name}{line.get('Class', '') and ' ' + line['Class']}"] += counted
    return sums


def test_it_pays_into_the_writers_database(opened: Shop, task: Task) -> None:
    assert task.healthy()
    key = uuid.uuid4().hex
    first = task.pay(key)
    assert (first.status, first.body["colour"], first.headers["X-Colour"]) == (201, "green", "green")
    assert written(opened, key) == [(first.body["payment_id"], "green")]
    again = task.pay(key, first.cookie)
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (201, first.body, "true")


def test_a_payment_is_read_by_its_session_only(task: Task) -> None:
    key = uuid.uuid4().hex
    paid = task.pay(key)
    mine = {"idempotency_key": key, "cookie": f"session={paid.cookie}"}
    found = task.ask("GET", "/payments", **mine)
    assert (found.status, found.body["payment_id"]) == (200, paid.body["payment_id"])
    stranger = task.pay(uuid.uuid4().hex).cookie
    assert task.ask("GET", "/payments", **mine | {"cookie": f"session={stranger}"}).status == 404
    assert task.ask("GET", "/payments", idempotency_key=key).status == 401
    assert task.ask("GET", "/payments?prefix=", **mine | {"idempotency_key": ""}).status == 400


def test_no_request_is_larger_than_the_web_firewall_inspects(task: Task) -> None:
    assert task.ask("POST", "/payments", " " * 9000, idempotency_key="large").status == 413


@contextmanager
def paying(task: Task, answers: list[int]) -> Iterator[None]:
    """Customers that pay for as long as the block lasts."""
    stopped = threading.Event()

    def pay() -> None:
        cookie = None
        while not stopped.is_set():
            answer = task.pay(uuid.uuid4().hex, cookie)
            cookie = cookie or answer.cookie
            answers.append(answer.status)

    with ThreadPoolExecutor(PAYERS) as pool:
        paying = [pool.submit(pay) for _ in range(PAYERS)]
        try:
            yield
        finally:
            stopped.set()
        for one in paying:
            one.result()


def left_none_of(server: Root, user: str) -> bool:
    """End the account's connections; one may have been logging in meanwhile."""
    server.ask(f"KILL USER {user}")
    found = server.ask(f"SELECT COUNT(*) FROM information_schema.processlist WHERE user = '{user}'")  # noqa: S608
    return found == [(0,)]


def test_a_rotation_under_load_fails_no_payment(opened: Shop, task: Task) -> None:
    """The next account takes over; then the former one is gone, with all its connections."""
    client = opened.aws.client("secretsmanager")
    answers: list[int] = []
    with paying(task, answers):
        eventually(lambda: len(answers) > 20)
        for colour in Colour:
            server = local.server(opened.aws, colour)
            server.create_account("task_b", f"CANARY-task_b-{colour}", PRIVILEGES)
            value = json.dumps({"username": "task_b", "password": f"CANARY-task_b-{colour}"})
            client.put_secret_value(SecretId=f"task/{colour}", SecretString=value)
        for colour in Colour:
            server = local.server(opened.aws, colour)
            server.create_account("task", uuid.uuid4().hex, PRIVILEGES)
            eventually(partial(left_none_of, server, "task"))
        before = len(answers)
        eventually(lambda: len(answers) > before + 100)
    assert set(answers) == {201}
    users = "SELECT DISTINCT user FROM information_schema.processlist WHERE user LIKE 'task%'"
    assert database(opened).ask(users) == [("task_b",)]


def test_a_writer_that_is_read_only_gets_new_connections(opened: Shop, task: Task) -> None:
    """After a failover, those that it has lead to what was the cluster's writer."""
    server, key = database(opened), uuid.uuid4().hex
    cookie = task.pay(uuid.uuid4().hex).cookie
    before = connections(server)
    assert before
    run_all(server, ("SET GLOBAL event_scheduler = OFF", "SET GLOBAL read_only = ON"))  # and no watchdog
    try:
        with ThreadPoolExecutor(1) as pool:
            paid = pool.submit(task.pay, key, cookie)
            eventually(lambda: not connections(server) & before or paid.done())
            server.ask("SET GLOBAL read_only = OFF")
        assert (paid.result().status, len(written(opened, key))) == (201, 1)
    finally:
        run_all(server, ("SET GLOBAL read_only = OFF", "SET GLOBAL event_scheduler = ON"))


def connections(server: Root, user: str = "task%") -> set[int]:
    """Of a task's account."""
    found = server.ask("SELECT id FROM information_schema.processlist WHERE user LIKE %s", user)
    return {id_ for (id_,) in found}


def test_its_log_is_json_without_passwords_tokens_and_card_numbers(task: Task) -> None:
    cookie = task.pay(CARD).cookie
    task.pay(CARD)  # of another session: refused
    task.ask("POST", "/payments", f'{{"amount": {CARD}{CARD}, "currency": "EUR"}}', idempotency_key="x")
    task.ask("POST", "/payments", CARD, idempotency_key="x")
    task.ask("GET", f"/{CARD}")
    eventually(lambda: sum(line.get("message") == "answered" for line in task.lines) >= 5)
    assert [line for line in task.lines if line.get("status") == 422]
    assert cookie
    for secret in ("CANARY", CARD, cookie, *task.variables["AWS_SECRET_ACCESS_KEY"].split()):
        assert secret not in task.log


def test_sigterm_finishes_the_payment_in_flight(opened: Shop, tmp_path: Path) -> None:
    with started(opened, tmp_path, "ending") as task, ThreadPoolExecutor(1) as pool:
        warm = [len(connections(local.server(opened.aws, colour), "ending")) for colour in Colour]
        assert warm == [WARM, WARM]
        cookie, key = task.pay(uuid.uuid4().hex).cookie, uuid.uuid4().hex
        with database(opened).root() as cursor:
            cursor.execute("START TRANSACTION")
            cursor.execute("SELECT * FROM payments.ledger_epoch FOR UPDATE")
            paid = pool.submit(task.pay, key, cookie)
            eventually(lambda: database(opened).ask(WAITING) != [(0,)])
            task.process.terminate()
            eventually(lambda: refuses(task.port))
            with pytest.raises(TimeoutError):
                paid.result(1)
            assert task.process.poll() is None
            cursor.execute("ROLLBACK")
        assert (paid.result().status, len(written(opened, key))) == (201, 1)
        assert task.process.wait(PATIENCE_SECONDS) == 0
        assert not task.healthy()
        counts = metrics(task)
    assert (counts["Payments"], counts["PaymentMs"], counts["Failures"]) == (2, 2, 0)
    assert counts["PoolWaitMs"] == 2
    assert (counts["LedgerErrors fenced"], counts["UnknownCommits"]) == (1, 0)  # it tried its own first


def test_it_starts_and_pays_while_the_other_database_is_away(opened: Shop, tmp_path: Path) -> None:
    away = {"host": "127.0.0.1", "port": free_port("127.0.0.1")}
    with started(opened, tmp_path, "alone", "blue", green=away) as task:
        assert task.pay(uuid.uuid4().hex).status == 201
        assert "no connections to green: OperationalError 2003" in task.log


def refuses(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port)):
            return False
    except ConnectionRefusedError:
        return True


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_unknown_commit_is_one_payment(opened: Shop, tmp_path: Path, moment: str) -> None:
    places = local.places(opened.aws)
    hosts = [places[colour].host for colour in Colour]
    with between(hosts, places[Colour.BLUE].port) as (network, port):
        name = f"unknown_{moment}"
        with started(opened, tmp_path, name, blue={"port": port}, green={"port": port}) as task:
            cookie, key = task.pay(uuid.uuid4().hex).cookie, uuid.uuid4().hex
            network.break_at = moment
            paid = task.pay(key, cookie)
            assert network.broken.is_set()
            assert (paid.status, paid.headers["Idempotent-Replayed"]) == (201, None)
            assert written(opened, key) == [(paid.body["payment_id"], "green")]
            assert task.stop() == 0
            counts = metrics(task)
    assert (counts["UnknownCommits"], counts["LedgerErrors lost"]) == (1, 1)
