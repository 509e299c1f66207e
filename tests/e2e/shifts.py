"""Shifts that go on by themselves while a test looks and interferes."""

import json
import time
from collections.abc import Callable
from typing import Any

from tests.e2e.platform import Platform

LONGEST_SECONDS = 120


def begun(platform: Platform, *options: str) -> str:
    """Starts a shift and returns its id."""
    started = platform.json("shift", "--yes", "--detach", *options)
    assert started["outcome"] == "started"
    name: str = started["workflow_id"]
    return name


def ended(platform: Platform, name: str) -> dict[str, Any]:
    """What `follow` says at the end of a shift; its exit code is the one in it."""
    followed = platform.bluegreen("follow", name, "--interval", "0.5", "--output", "json")
    answer: dict[str, Any] = json.loads(followed.stdout)
    assert followed.returncode == answer["exit_code"], followed.stderr
    return answer


def wait_for(platform: Platform, there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The workflow in progress, or the last one, once it is `there`."""
    deadline = time.monotonic() + LONGEST_SECONDS
    while True:
        workflow: dict[str, Any] = platform.function.invoke({"action": "status"})["workflow"]
        if workflow and there(workflow):
            return workflow
        assert time.monotonic() < deadline, workflow
        time.sleep(0.2)


def waiting(percent: int) -> Callable[[dict[str, Any]], bool]:
    return lambda workflow: bool(workflow["approval"]) and workflow["approval"]["percent"] == percent
