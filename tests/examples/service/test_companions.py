"""The processes beside the embedded AWS: none outlives it, and one that died can be started again."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import embedded_aws
import pytest

from bluegreen.operate.service import starting
from tests import standing_ledger
from tests.examples.service.conftest import (
    COLOURS,
    PATIENCE_SECONDS,
    TABLE,
    Shop,
    database,
    open_shop,
    secret,
    start_service,
)

pytestmark = pytest.mark.integration

WAITING = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
BLUE = [f"10.20.{zone}.10" for zone in range(3)]


@pytest.fixture
def opened_here(tmp_path: Path) -> Iterator[Shop]:
    """A shop that a test may ruin."""
    state_dir = tmp_path / "aws"
    yield open_shop(embedded_aws.start(state_dir))
    embedded_aws.stop(state_dir)


def processes(shop: Shop) -> dict[str, list[int]]:
    """Ids of the companions by module: children of the server that haven't ended."""
    command = ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
    found: dict[str, list[int]] = {}
    for pid, parent, state, arguments in rows:
        if int(parent) == shop.aws.pid and not state.startswith("Z"):
            found.setdefault(arguments.rpartition(".")[2], []).append(int(pid))
    return found


def await_end(pids: list[int]) -> None:
    """Wait until none of them is there any more."""
    eventually(lambda: not any(_there(pid) for pid in pids))


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until that holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_they_end_with_the_embedded_aws_and_leave_nothing(opened_here: Shop) -> None:
    found = processes(opened_here)
    assert {module: len(pids) for module, pids in found.items()} == {
        "service": 2,
        "load_balancer": 1,
        "databases": 1,
    }
    opened_here.pay("blue")
    assert embedded_aws.stop(opened_here.aws.state_dir)
    await_end([pid for pids in found.values() for pid in pids])
    assert not opened_here.aws.state_dir.exists()


@pytest.mark.long
def test_they_end_when_the_embedded_aws_is_killed(opened_here: Shop) -> None:
    found = processes(opened_here)
    os.kill(opened_here.aws.pid, signal.SIGKILL)
    await_end([pid for pids in found.values() for pid in pids])


def test_what_runs_is_not_started_again(shop: Shop) -> None:
    before = processes(shop)
    assert not start_service(shop.aws, "blue", BLUE)
    assert not embedded_aws.start_load_balancer(shop.aws)
    assert processes(shop) == before


def test_a_service_that_is_replaced_finishes_the_payment_in_flight(shop: Shop) -> None:
    databases = standing_ledger.bring_up(shop.aws, {name: secret(shop.aws, name) for name in COLOURS})
    told: dict[str, Any] = {"table": TABLE, "region": embedded_aws.REGION, "databases": databases}
    with database(shop).root() as cursor, ThreadPoolExecutor(2) as pool:
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT * FROM payments.ledger_epoch FOR UPDATE")
        paid = pool.submit(shop.pay, "blue")
        eventually(lambda: database(shop).ask(WAITING) != [(0,)])
        replaced = pool.submit(starting.start, shop.aws, "blue", [(BLUE[0], 8443)], **told)
        with pytest.raises(TimeoutError):
            paid.result(0.5)
        cursor.execute("ROLLBACK")
        assert paid.result().status == 201
        assert replaced.result()
    assert start_service(shop.aws, "blue", BLUE)


def test_those_that_died_come_back_where_they_were(opened_here: Shop) -> None:
    aws, found = opened_here.aws, processes(opened_here)
    first = opened_here.pay("blue", "the-key")
    for pid in found["service"]:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not any(item["running"] for item in embedded_aws.local_traffic(aws).services.values()))
    assert opened_here.pay("blue").status == 502
    assert start_service(aws, "blue", BLUE)
    assert opened_here.pay("blue", "the-key", first.cookie).body == first.body

    os.kill(found["load_balancer"][0], signal.SIGKILL)
    eventually(lambda: not embedded_aws.local_traffic(aws).running)
    assert embedded_aws.start_load_balancer(aws)
    assert opened_here.pay("blue").status == 201  # at the same port
