"""What the configuration refuses of a service, and how it says so."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from modules.config.fargate import SIZES, Fargate
from modules.config.loader import ConfigurationError, load
from tests.workspaces import ROOT

DIGEST = "sha256:" + "a" * 64
HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = f"{HOST}/payments-staging@{DIGEST}"
SHIPPED = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")


def refused(directory: Path, pattern: str, replacement: str) -> str:
    """The only mistake in staging.toml with its first match replaced."""
    text, count = re.subn(pattern, replacement, SHIPPED, count=1, flags=re.MULTILINE)
    assert count == 1
    (directory / "staging.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(directory)
    (mistake,) = caught.value.mistakes
    return mistake


@pytest.mark.parametrize(
    ("pattern", "replacement", "key", "problem"),
    [
        ("^memory_mb = .*$", "memory_mb = 3000", "colours.blue.service.memory_mb", "gives 2048 to 8192 MiB"),
        ("^cpu = .*$", "cpu = 1000", "colours.blue.service.cpu", "Fargate has no such size"),
        ("^cpu = .*$", "cpu = 4096", "colours.blue.service.memory_mb = 2048", "in steps of 1024"),
        ("^max_tasks = .*$", "max_tasks = 1", "colours.blue.service.max_tasks", "less than min_tasks = 2"),
        ("^min_tasks = .*$", "min_tasks = 1", "switch", "blue may shrink to min_tasks = 1"),
        (
            "^health_command = .*$",
            'user = "0:0"\n\\g<0>',
            "colours.blue.service.user",
            "each from 1 to 2147483647",
        ),
        ("^health_command = .*$", "", "colours.blue.service.health_command is missing", "allowed: a program"),
        (
            "^health_command = .*$",
            '\\g<0>\nwritable_directories = ["tmp"]',
            "colours.blue.service.writable_directories.0",
            "allowed",
        ),
        ("@sha256:b+", ":latest", "colours.blue.service.image", "by its digest"),
        ("123456789012.dkr", "210987654321.dkr", "colours", "is of account_id 210987654321"),
        ("ecr.us-east-1", "ecr.eu-west-1", "colours", "is of region eu-west-1"),
        ("com/payments-staging@", "com/shop@", "colours", "this deployment makes payments-staging"),
        (
            "^port = 8443$",
            "\\g<0>\nderegistration_delay_seconds = 20",
            "colours.blue.service",
            "stop_timeout_seconds = 30 is longer than deregistration_delay_seconds = 20",
        ),
        (
            "^.switch.$",
            "[web_firewall]\nrequests_per_address = 9\n\n[switch]",
            "web_firewall",
            "10 to 2000000000",
        ),
    ],
)
def test_a_mistake_is_placed_and_explained(
    tmp_path: Path, pattern: str, replacement: str, key: str, problem: str
) -> None:
    mistake = refused(tmp_path, pattern, replacement)

    assert f"staging.toml: {key}" in mistake.splitlines()[0]
    assert problem in mistake


@given(cpu=st.integers(1, 20_000), memory=st.integers(1, 130_000))
def test_no_size_is_taken_that_fargate_does_not_give(cpu: int, memory: int) -> None:
    with pytest.raises(ValidationError):
        Fargate(image=IMAGE, health_command=("/app/health",), cpu=cpu, memory_mb=memory + (memory % 512 == 0))


@given(st.sampled_from([(cpu, memory) for cpu, sizes in SIZES.items() for memory in sizes]))
def test_every_size_that_fargate_gives_is_taken(size: tuple[int, int]) -> None:
    cpu, memory = size
    taken = Fargate(image=IMAGE, health_command=("/app/health",), cpu=cpu, memory_mb=memory)

    assert (taken.cpu, taken.memory_mb) == size


def test_sizes_are_those_of_the_documentation() -> None:
    """Amazon ECS developer guide, "Task CPU and memory": first, last and number of each row."""
    assert {cpu: (sizes[0], sizes[-1], len(sizes)) for cpu, sizes in SIZES.items()} == {
        256: (512, 2048, 3),
        512: (1024, 4096, 4),
        1024: (2048, 8192, 7),
        2048: (4096, 16384, 13),
        4096: (8192, 30720, 23),
        8192: (16384, 61440, 12),
        16384: (32768, 122880, 12),
    }
