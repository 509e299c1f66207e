"""The server of a state directory: one, ours, and gone without a trace."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import embedded_aws
import pytest
from embedded_aws import lifecycle, state
from embedded_aws.clients import REGION, Credentials

from packages.embedded_aws.tests.conftest import create_function
from packages.embedded_aws.tests.invoking import (
    HOLDS_THE_LINE,
    PATIENCE_SECONDS,
    is_cut,
    listening,
    pick_up,
    port_of,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def state_dir(tmp_path: Path) -> Iterator[Path]:
    """A state directory, whose server is stopped if a test leaves one."""
    directory = tmp_path / ".local" / "deployment"
    yield directory
    embedded_aws.stop(directory)


@pytest.fixture
def stranger(_integration: None) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is none of our business."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    assert process.poll() is None, "somebody killed a stranger"
    process.communicate(b"\n")


def connect(aws: embedded_aws.LocalAws) -> socket.socket:
    """A connection that lasts as long as the server does."""
    host, port = urlsplit(aws.endpoint).netloc.split(":")
    return socket.create_connection((host, int(port)), PATIENCE_SECONDS)


def test_starting_again_returns_the_running_one(state_dir: Path) -> None:
    first = embedded_aws.start(state_dir)
    assert embedded_aws.start(state_dir) == first
    assert embedded_aws.find(state_dir) == first


@pytest.mark.usefixtures("crowd")
def test_it_starts_however_many_files_are_open(state_dir: Path) -> None:
    assert embedded_aws.start(state_dir)


def test_its_clients_ask_the_region_that_it_was_started_for(state_dir: Path) -> None:
    aws = embedded_aws.start(state_dir, "eu-central-1")
    assert embedded_aws.find(state_dir) == aws
    arn = f"arn:aws:acm:eu-central-1:{embedded_aws.ACCOUNT_ID}:certificate/{uuid.uuid4()}"
    assert embedded_aws.seed_certificate(aws, arn, "payments.example")
    assert aws.client("sns").create_topic(Name="own")["TopicArn"].split(":")[3] == "eu-central-1"
    assert aws.variables()["AWS_REGION"] == "eu-central-1"
    with pytest.raises(embedded_aws.LocalAwsError, match="started for eu-central-1, and us-east-1 is asked"):
        embedded_aws.start(state_dir)
    assert embedded_aws.find(state_dir) == aws


def test_concurrent_starts_yield_one_server(state_dir: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        started = set(threads.map(embedded_aws.start, [state_dir] * 4))
    assert started == {embedded_aws.find(state_dir)}


def test_two_state_directories_do_not_disturb_each_other(tmp_path: Path) -> None:
    with embedded_aws.running(tmp_path / "one") as one:
        with embedded_aws.running(tmp_path / "two") as two:
            two.client("sqs").create_queue(QueueName="of-two")
        assert "QueueUrls" not in one.client("sqs").list_queues()


def test_stopping_leaves_nothing(state_dir: Path) -> None:
    connection = connect(embedded_aws.start(state_dir))
    assert embedded_aws.stop(state_dir)
    assert is_cut(connection)
    assert not state_dir.exists()
    assert not embedded_aws.stop(state_dir)
    assert not state_dir.exists()


def test_stopping_keeps_what_others_put_beside_it(state_dir: Path) -> None:
    embedded_aws.start(state_dir)
    (state_dir / "terraform.tfstate").write_text("{}")
    embedded_aws.stop(state_dir)
    assert [path.name for path in state_dir.iterdir()] == ["terraform.tfstate"]


def test_a_server_that_was_killed_is_not_found_and_is_replaced(state_dir: Path) -> None:
    first = embedded_aws.start(state_dir)
    connection = connect(first)
    os.kill(first.pid, signal.SIGKILL)
    assert is_cut(connection)
    assert embedded_aws.find(state_dir) is None
    assert embedded_aws.start(state_dir).token != first.token


def test_a_recycled_process_id_is_neither_used_nor_killed(
    state_dir: Path, stranger: subprocess.Popen[bytes], aws: embedded_aws.LocalAws
) -> None:
    state_dir.mkdir(parents=True)
    stale = {"endpoint": aws.endpoint, "pid": stranger.pid, "token": "of a server that is gone"}
    (state_dir / "aws.json").write_text(json.dumps(stale))
    assert embedded_aws.find(state_dir) is None
    assert not embedded_aws.stop(state_dir)


def test_a_directory_shared_with_another_machine_is_refused(
    state_dir: Path, stranger: subprocess.Popen[bytes], aws: embedded_aws.LocalAws
) -> None:
    state_dir.mkdir(parents=True)
    elsewhere = embedded_aws.LocalAws(
        state_dir, aws.endpoint, stranger.pid, "elsewhere", Credentials.random()
    )
    with state.record(elsewhere):
        for attempt in (embedded_aws.find, embedded_aws.start, embedded_aws.stop):
            with pytest.raises(embedded_aws.LocalAwsError, match="another container or on another machine"):
                attempt(state_dir)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_running_functions_end_with_the_server(state_dir: Path, end: signal.Signals) -> None:
    aws = embedded_aws.start(state_dir)
    name = create_function(aws, HOLDS_THE_LINE)
    with listening() as listener:
        event = b'{"port": %d}' % port_of(listener)
        aws.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=event)
        line = pick_up(listener)
        os.kill(aws.pid, end)
        assert is_cut(line)


DEAF = """
import os, signal, socket

def handler(event, context):
    with socket.create_connection(("127.0.0.1", event["port"])) as line:
        line.sendall(b"here")
        os.kill(os.getpid(), signal.SIGSTOP)
"""


def test_stopping_ends_functions_that_have_stopped_to_listen(state_dir: Path) -> None:
    aws = embedded_aws.start(state_dir)
    name = create_function(aws, DEAF, Timeout=900)
    with listening() as listener:
        event = b'{"port": %d}' % port_of(listener)
        aws.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=event)
        line = pick_up(listener)
        assert embedded_aws.stop(state_dir)
        assert is_cut(line)
    assert not state_dir.exists()


def test_removing_the_state_directory_stops_the_server(state_dir: Path) -> None:
    connection = connect(embedded_aws.start(state_dir))
    state.remove(state_dir)
    assert is_cut(connection)


def test_an_interrupted_start_leaves_nothing(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    popen = subprocess.Popen

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def remember(*arguments: object, **named: object) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = popen(*arguments, **named)  # type: ignore[call-overload]
        started.append(process.pid)
        return process

    monkeypatch.setattr(subprocess, "Popen", remember)
    monkeypatch.setattr(select, "poll", interrupt)
    with pytest.raises(KeyboardInterrupt):
        embedded_aws.start(state_dir)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
    assert not state_dir.exists()


def test_a_server_whose_starter_was_killed_does_not_stay(state_dir: Path) -> None:
    state_dir.mkdir(parents=True)
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "embedded_aws.server", str(state_dir), str(write), REGION]
    subprocess.run(
        command, pass_fds=(write,), cwd=lifecycle.PACKAGE_ROOT, timeout=PATIENCE_SECONDS, check=True
    )
    os.close(write)
    assert embedded_aws.find(state_dir) is None


def test_a_server_that_cannot_start_says_why(state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "SERVER", "no_such_server")
    with pytest.raises(embedded_aws.LocalAwsError, match="No module named no_such_server"):
        embedded_aws.start(state_dir)
    assert not state_dir.exists()


def test_a_file_that_no_server_wrote_is_replaced(state_dir: Path) -> None:
    state_dir.mkdir(parents=True)
    (state_dir / "aws.json").write_text("nonsense")
    assert embedded_aws.find(state_dir) is None
    assert embedded_aws.find(state_dir / "aws.json") is None
    assert embedded_aws.start(state_dir) == embedded_aws.find(state_dir)
