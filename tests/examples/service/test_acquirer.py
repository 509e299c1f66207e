"""The acquirer's authorisation of a payment: once for each key, and nothing is written without it."""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bluegreen.operate.databases.server import free_port
from bluegreen.operate.service.task import environment
from examples.service import acquirer
from examples.service.metrics import Metrics
from examples.service.settings import Settings
from tests.examples.service.acquirers import Acquirer
from tests.examples.service.acquirers import acquirer as standing
from tests.examples.service.conftest import Shop
from tests.examples.service.task import Task, started
from tests.examples.service.test_image import SECRET, TOLD
from tests.examples.service.test_task import metrics, written

URL = "https://localhost:{}/v1"
ORDER = {"amount": 1250, "currency": "EUR"}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acquirer]:
    with standing(tmp_path_factory.mktemp("acquirer")) as found:
        yield found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acquirer, "PAUSE_SECONDS", (0.01, 0.02))


@pytest.fixture
def ask(bank: Acquirer) -> Callable[..., tuple[str, Metrics]]:
    """Authorise one payment; answers the class of the failure, empty where there is none."""

    def asked(key: str, *ways: str | int, url: str = "", amount: int = 1250) -> tuple[str, Metrics]:
        bank.ways[:] = ways
        measured = Metrics("blue")
        client = acquirer.Acquirer(url or URL.format(bank.port), str(bank.certificate), measured)

        async def run() -> None:
            async with client.running():
                await client.authorise(key, amount, "EUR")

        try:
            asyncio.run(run())
        except acquirer.NotAuthorisedError as error:
            return error.kind, measured
        return "", measured

    return asked


Ask = Callable[..., tuple[str, Metrics]]


def errors(measured: Metrics) -> dict[str, int]:
    """Failed attempts by class."""
    return {kind: number for (name, kind), number in measured._errors.items() if name == "AcquirerErrors"}


def test_it_is_asked_with_the_payments_key(bank: Acquirer, ask: Ask) -> None:
    key = uuid.uuid4().hex
    assert ask(key)[0] == ""
    assert bank.authorised[key] == ORDER


@pytest.mark.parametrize("way", ["lost", 500, 502, 503, 504, 408, 409, 425, 429])
def test_without_an_answer_it_is_asked_again_with_the_same_key(
    bank: Acquirer, ask: Ask, way: str | int
) -> None:
    key = uuid.uuid4().hex
    found, measured = ask(key, way, way)
    assert (found, errors(measured)) == ("", {acquirer.UNANSWERED: 2})
    assert bank.asked.count(key) == 3
    assert bank.authorised[key] == ORDER


@pytest.mark.parametrize(
    ("way", "kind"),
    [
        (402, acquirer.DECLINED),
        (422, acquirer.REUSED),
        ("part", acquirer.MISUNDERSTOOD),
        *((status, acquirer.MISUNDERSTOOD) for status in (302, 400, 401, 403, 404)),
    ],
)
def test_what_trying_again_cannot_help_is_asked_once(
    bank: Acquirer, ask: Ask, way: str | int, kind: str
) -> None:
    key = uuid.uuid4().hex
    found, measured = ask(key, way)
    assert (found, errors(measured), bank.asked.count(key)) == (kind, {kind: 1}, 1)


def test_a_key_of_another_payment_is_refused(ask: Ask) -> None:
    key = uuid.uuid4().hex
    assert ask(key)[0] == ""
    assert ask(key, amount=1)[0] == acquirer.REUSED


def test_it_gives_up_after_a_while(bank: Acquirer, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acquirer, "PATIENCE_SECONDS", 0.5)
    assert ask("nobody", url=URL.format(free_port("127.0.0.1")))[0] == acquirer.UNANSWERED
    monkeypatch.setattr(acquirer, "ANSWER_SECONDS", 0.2)
    key = uuid.uuid4().hex
    found, measured = ask(key, *["slow"] * 9)
    assert found == acquirer.UNANSWERED
    assert errors(measured)[acquirer.UNANSWERED] >= 1
    assert ask(key)[0] == ""
    assert list(bank.authorised).count(key) == 1


def test_another_certificate_is_not_trusted(
    ask: Ask, bank: Acquirer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquirer, "PATIENCE_SECONDS", 0.5)
    key = uuid.uuid4().hex
    assert ask(key, url=URL.format(bank.port).replace("localhost", "127.0.0.2"))[0] == acquirer.UNANSWERED
    assert key not in bank.asked


def test_its_url_is_https() -> None:
    told = environment(TOLD, SECRET)
    assert (Settings.of(told).acquirer, Settings.of(told | {"ACQUIRER_URL": ""}).acquirer) == (None, None)
    for url in ("http://api.acquirer.example", "https:///v1", "api.acquirer.example"):
        with pytest.raises(SystemExit, match="error: ACQUIRER_URL"):
            Settings.of(told | {"ACQUIRER_URL": url})


@pytest.fixture(scope="module")
def task(opened: Shop, bank: Acquirer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Task]:
    """One that has its payments authorised."""
    told = {"ACQUIRER_URL": URL.format(bank.port), "ACQUIRER_CA_BUNDLE": str(bank.certificate)}
    with started(opened, tmp_path_factory.mktemp("task"), "authorised", own=told) as running:
        yield running


def test_each_payment_is_authorised_once_and_written_once(opened: Shop, task: Task, bank: Acquirer) -> None:
    key = uuid.uuid4().hex
    paid = task.pay(key)
    assert paid.status == 201
    again = task.pay(key, paid.cookie)
    assert (again.body, again.headers["Idempotent-Replayed"]) == (paid.body, "true")
    assert (bank.asked.count(key), bank.authorised[key], len(written(opened, key))) == (1, ORDER, 1)


def test_one_key_at_the_same_moment_is_one_authorisation(opened: Shop, task: Task, bank: Acquirer) -> None:
    cookie, key = task.pay(uuid.uuid4().hex).cookie, uuid.uuid4().hex
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: task.pay(key, cookie), range(6)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["payment_id"] for answer in answers}) == 1
    assert (bank.authorised[key], len(written(opened, key))) == (ORDER, 1)


def test_a_lost_answer_is_one_authorisation_and_one_payment(opened: Shop, task: Task, bank: Acquirer) -> None:
    key = uuid.uuid4().hex
    bank.ways[:] = ["lost", 500]
    assert task.pay(key).status == 201
    assert (bank.asked.count(key), bank.authorised[key], len(written(opened, key))) == (3, ORDER, 1)


@pytest.mark.parametrize(("way", "status"), [(402, 402), (422, 422), (403, 502)])
def test_what_is_not_authorised_is_not_written(
    opened: Shop, task: Task, bank: Acquirer, way: int, status: int
) -> None:
    key = uuid.uuid4().hex
    bank.ways[:] = [way]
    answer = task.pay(key)
    assert (answer.status, answer.headers["Retry-After"], list(answer.body)) == (status, None, ["error"])
    assert (bank.asked.count(key), written(opened, key)) == (1, [])
    assert task.pay(key).status == 201


def test_an_acquirer_that_is_away_writes_nothing_and_the_same_key_pays_later(
    opened: Shop, task: Task, bank: Acquirer
) -> None:
    key = uuid.uuid4().hex
    cookie = task.pay(uuid.uuid4().hex).cookie
    bank.ways[:] = [503] * 1000
    answer = task.pay(key, cookie)
    assert (answer.status, answer.headers["Retry-After"], written(opened, key)) == (503, "1", [])
    assert task.healthy()
    bank.ways.clear()
    assert (task.pay(key, cookie).status, len(written(opened, key))) == (201, 1)


def test_its_log_names_the_class_and_its_metrics_count_it(task: Task, bank: Acquirer) -> None:
    bank.ways[:] = [402]
    task.pay(uuid.uuid4().hex)
    assert [line for line in task.lines if line.get("message") == "the acquirer: declined, status 402"]
    assert task.stop() == 0
    counts: Counter[str] = metrics(task)
    assert counts["AcquirerErrors declined"] >= 1
