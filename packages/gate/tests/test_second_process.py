"""The second process of a scan: it changes no report, and whatever ends it is exit code 2."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from stack_gate import ExitCode, Report, second_process
from stack_gate.second_process import SecondProcessError, ahead

from packages.gate.tests.builder import (
    PLAIN_GROUP,
    SMALL_PACK,
    UNENCRYPTED,
    found,
    messages,
    scan,
    waived,
    waiver,
    write,
)

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


IS_POSSIBLE = second_process._is_possible  # tests have it answer no


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_process, "_is_possible", lambda: True)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """Two stacks: findings, a waiver, one that a pack's check finds, and values that can't be evaluated."""
    secret = {"description": "of a test", "recovery_window_in_days": 7}
    rule = {"type": "ingress", "from_port": 22, "to_port": 22, "protocol": "tcp", "security_group_id": "sg-1"}
    write(
        tmp_path / "out",
        resource={
            "aws_cloudwatch_log_group": {
                "group": PLAIN_GROUP,
                "other": waived(PLAIN_GROUP, waiver("CKV_AWS_158")),
            },
            "aws_secretsmanager_secret": {"secret": secret},
            "aws_security_group_rule": {"rule": rule | {"cidr_blocks": ["0.0.0.0/0"]}},
        },
    )
    policy = {"name": "p", "policy": "${file(aws_s3_bucket.b.id)}"}
    return write(
        tmp_path / "out",
        name="orders",
        resource={"aws_s3_bucket": {"b": {}}, "aws_iam_policy": {"p": policy}},
    )


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    directory = tmp_path / "small_pack"
    directory.mkdir()
    (directory / "__init__.py").touch()
    (directory / "named.py").write_text(SMALL_PACK)
    return directory


def pids(number: int = 3) -> Iterator[int]:
    for _ in range(number):
        yield os.getpid()


# What it gives


@pytest.mark.usefixtures("two_processors")
def test_the_items_are_those_of_another_process_and_in_order() -> None:
    shared = [object(), object()]
    items = ((number, os.getpid(), shared[number % 2]) for number in range(4))
    with ahead(items, shared) as take:
        taken = [take() for _ in range(4)]
    assert [number for number, _, _ in taken] == [0, 1, 2, 3]
    assert {pid for _, pid, _ in taken}.isdisjoint({os.getpid()})
    assert all(one is shared[number % 2] for number, _, one in taken)


@pytest.mark.usefixtures("two_processors")
def test_it_has_ended_afterwards_whether_or_not_all_was_taken() -> None:
    with ahead(pids(), []) as take:
        pid = take()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
@pytest.mark.parametrize(
    ("processors", "threads", "possible"), [(2, 1, True), (1, 1, False), (2, 2, False), (4, 1, True)]
)
def test_it_takes_two_processors_and_no_thread(
    processors: int, threads: int, possible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    monkeypatch.setattr(threading, "active_count", lambda: threads)
    assert IS_POSSIBLE() is possible


def test_where_there_can_be_none_the_items_are_of_this_process() -> None:
    with ahead(pids(), []) as take:
        assert [take(), take()] == [os.getpid()] * 2


@pytest.mark.usefixtures("two_processors")
def test_where_the_system_refuses_one_the_items_are_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def fork() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", fork)
    with ahead(pids(), []) as take:
        assert [take(), take()] == [os.getpid()] * 2


def test_a_scan_reports_the_same_with_it_and_without(
    output: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def report(possible: bool) -> Report:
        monkeypatch.setattr(second_process, "_is_possible", lambda: possible)
        return scan(output, pack)

    beside, alone = report(possible=True), report(possible=False)
    assert beside == alone
    assert beside.exit_code is ExitCode.NOT_EVALUATED
    assert {("CKV_BG_1", "aws_secretsmanager_secret.secret"), UNENCRYPTED} <= found(beside)
    assert beside.waived
    assert "its policy is an expression" in messages(beside)
    rule = [f.fix for f in beside.findings if f.policy == "CKV_AWS_24"]
    assert rule
    assert all("cidr_blocks" in fix for fix in rule)  # what the check looked at there


# What ends it


def ends(how: str) -> Any:
    """In the place of what the second process does."""

    def work(_items: Any, _shared: Any, ours: Any, _parents: Any) -> None:
        if how == "raises":
            raise MemoryError
        if "half a message" in how:
            os.write(ours.fileno(), b"\0\0\1\0half")
        if "silent" in how:
            time.sleep(60)
        os.kill(os.getpid(), signal.SIGKILL)

    return work


@pytest.mark.usefixtures("two_processors")
@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("killed", "signal 9"),
        ("half a message", "signal 9"),
        ("raises", "exit code 1"),
        ("silent", "no answer for 1 s"),
        ("silent after half a message", "no answer for 1 s"),
    ],
)
def test_a_scan_without_it_has_not_passed(
    how: str, said: str, output: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_process, "_work", ends(how))
    monkeypatch.setattr(second_process, "PATIENCE_S", 1.0)
    report = scan(output, pack)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    lines = [line for line in messages(report).splitlines() if "Checkov's own checks were not" in line]
    assert len(lines) == 2  # of each stack
    assert any(said in line for line in lines)
    assert ("CKV_BG_1", "aws_secretsmanager_secret.secret") in found(report)  # what the pack says is there


@pytest.mark.usefixtures("two_processors")
def test_what_came_before_its_end_counts() -> None:
    def items() -> Iterator[int]:
        yield 1
        os.kill(os.getpid(), signal.SIGKILL)

    with ahead(items(), []) as take:
        assert take() == 1
        for _ in range(2):
            with pytest.raises(SecondProcessError, match="signal 9"):
                take()


PARENT = """
    import sys, time
    from stack_gate import second_process

    def items():
        for word in ("begins", "lives on"):
            sys.stdout.write(word)
            sys.stdout.flush()
            time.sleep(10)
        yield 1

    second_process._is_possible = lambda: True
    with second_process.ahead(items(), []) as take:
        take()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_it_ends_with_its_parent(number: signal.Signals) -> None:
    command = [sys.executable, "-c", dedent(PARENT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.read(6) == "begins"
        parent.send_signal(number)
        try:
            parent.wait(10)
        finally:
            parent.kill()
        assert parent.stdout.read() == ""  # it ends where the second process has ended, too


COMMAND = """
    import os, sys
    from stack_gate import second_process

    work = second_process._work

    def noted(*given):
        os.write(2, b"SECOND PROCESS\\n")
        work(*given)

    second_process._work = noted
    os.sched_getaffinity = lambda _: {0, 1}
    from bluegreen.cli import scan
    from bluegreen.cli.app import main
    scan.PATIENCE = 600.0  # a thread that is there stays
    main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux only")
def test_the_command_uses_it(tmp_path: Path) -> None:
    """No thread is there yet when it forks: the one that says what a scan does starts with its first word."""
    output = write(tmp_path / "out", resource={"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}})
    command = [sys.executable, "-c", dedent(COMMAND), "scan", str(output)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "SECOND PROCESS" in done.stderr
    assert "CKV_AWS_158" in done.stdout
