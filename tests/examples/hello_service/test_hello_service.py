"""The example of the tutorial is what docs/service.md asks of an image."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from checkov.dockerfile.runner import Runner
from checkov.runner_filter import RunnerFilter

from tests.workspaces import ROOT

EXAMPLE = ROOT / "examples" / "hello_service"
SERVICE = json.loads((ROOT / "config/schema.json").read_text("utf-8"))["$defs"]["Fargate"]["properties"]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def environment() -> dict[str, str]:
    return {**os.environ, "COLOUR": "green", "PORT": str(_free_port())}


@pytest.fixture
def service(environment: dict[str, str], tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Running, and healthy by its own check."""
    environment["TMPDIR"] = str(tmp_path)
    with subprocess.Popen([sys.executable, str(EXAMPLE / "service.py")], env=environment) as child:
        try:
            deadline = time.monotonic() + 60
            while _health(environment) != 0:
                assert child.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            yield child
        finally:
            child.kill()


def _health(environment: dict[str, str]) -> int:
    check = [sys.executable, str(EXAMPLE / "health")]
    return subprocess.run(check, env=environment, capture_output=True, check=False).returncode


@pytest.mark.integration
def test_it_answers_with_tls_and_ends_when_it_is_asked_to(
    service: "subprocess.Popen[bytes]", environment: dict[str, str], tmp_path: Path
) -> None:
    for path, body in (("/health", "healthy\n"), ("/", "hello from green\n")):
        url = f"https://localhost:{environment['PORT']}{path}"
        context = ssl.create_default_context(cafile=next(tmp_path.glob("*/certificate.pem")))
        context.check_hostname = False
        with urllib.request.urlopen(url, context=context, timeout=10) as answer:
            assert answer.read().decode() == body
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=30) == 0
    assert _health(environment) != 0


def test_the_image_fits_the_defaults_of_the_configuration() -> None:
    lines = [
        line.split(" ", 1) for line in (EXAMPLE / "Dockerfile").read_text().splitlines() if line[0] != "#"
    ]
    said = dict(lines)
    assert said["USER"] == SERVICE["user"]["default"]
    assert said["HEALTHCHECK"] == f"CMD {json.dumps(SERVICE['health_command']['examples'][0])}"
    assert [said["VOLUME"]] == SERVICE["writable_directories"]["default"]
    assert said["RUN"] == f"chown {said['USER']} {said['VOLUME']}"


@pytest.mark.integration
def test_checkov_finds_nothing_in_it() -> None:
    report: Any = Runner().run(root_folder=str(EXAMPLE), runner_filter=RunnerFilter(framework=["dockerfile"]))
    assert report.passed_checks
    assert [check.check_id for check in report.failed_checks] == []
