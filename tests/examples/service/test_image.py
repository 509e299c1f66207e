"""The example's image: what docs/service.md asks of one, and nothing of the platform's own code in it."""

import ast
import json
import re
import ssl
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from checkov.dockerfile.runner import Runner
from checkov.runner_filter import RunnerFilter

from bluegreen.operate.service.task import environment
from examples.service import serving
from examples.service.settings import REQUIRED, Settings
from tests.examples.service.task import EXAMPLE, health, instructions, unpacked
from tests.stack_reader import Stack
from tests.workspaces import ROOT
from tools.service_packages import IMPORTED, text

SERVICE = json.loads((ROOT / "config/schema.json").read_text("utf-8"))["$defs"]["Fargate"]["properties"]
OF_THE_IMAGE = {"CA_BUNDLE"}
OF_THE_LAPTOP = {"BLUE_DATABASE_PORT", "CA_BUNDLE", "GREEN_DATABASE_PORT", "LOG_LEVEL"}
TOLD = {
    "colour": "blue",
    "table": "sessions",
    "databases": json.dumps(
        {
            "blue": {"host": "127.0.0.2", "port": 3306, "ca": "/ca.pem", "secret": "arn:aws:x:r:1:secret:b"},
            "green": {"host": "127.0.0.3", "port": 3307, "ca": "/ca.pem", "secret": "arn:aws:x:r:1:secret:g"},
        }
    ),
}
SECRET = json.dumps({"username": "payments", "password": "CANARY"})


def container(stack: Stack) -> set[str]:
    """Names of the variables that a task of the stack gets."""
    (found,) = json.loads(stack.at("blue-fargate/task-definition")["container_definitions"])
    return {pair["name"] for pair in [*found["environment"], *found["secrets"]]}


def test_it_fits_the_defaults_of_the_configuration() -> None:
    said = dict(instructions())
    assert said["USER"] == SERVICE["user"]["default"]
    assert said["HEALTHCHECK"] == f"CMD {json.dumps(SERVICE['health_command']['examples'][0])}"
    assert [said["VOLUME"]] == SERVICE["writable_directories"]["default"]
    assert said["RUN"] == f"chown {said['USER']} {said['VOLUME']}"


def test_it_is_made_of_what_its_context_admits() -> None:
    admitted = (EXAMPLE / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()[1:]
    assert admitted[0] == "*"
    copied = {rest.split()[-2] for name, rest in instructions() if name == "COPY" and "--from" not in rest}
    paths = {path.removeprefix("!") for path in admitted[1:]}
    assert {path for path in copied if not any(Path(path).is_relative_to(one) for one in paths)} == set()


def test_its_packages_are_those_that_the_tests_run_with() -> None:
    written = (EXAMPLE / "requirements.txt").read_text(encoding="utf-8")
    assert written == text(), "run: make generated"
    lines = written.splitlines()[1:]
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.]+( --hash=sha256:[0-9a-f]{64})+", line) for line in lines)


def test_it_imports_these_packages_and_nothing_of_the_platform() -> None:
    imported = set()
    for path in EXAMPLE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).partition(".")[0])
    of_boto3 = {"botocore"}
    assert imported - set(sys.stdlib_module_names) == {"examples", *IMPORTED, *of_boto3}


def test_the_platform_gives_a_task_all_that_it_requires(stack: Stack) -> None:
    assert set(REQUIRED) <= container(stack) | OF_THE_IMAGE
    assert {name for name, rest in instructions() if name == "ENV" and "CA_BUNDLE=/app/" in rest}


def test_the_laptop_gives_it_the_same(stack: Stack) -> None:
    assert set(environment(TOLD, SECRET)) == container(stack) | OF_THE_LAPTOP


def test_settings_are_read_from_it() -> None:
    found = Settings.of(environment(TOLD, SECRET))
    assert (found.colour, found.region, found.table) == ("blue", "r", "sessions")
    blue, green = found.places["blue"], found.places["green"]
    assert (blue.host, blue.port, blue.username, blue.password) == ("127.0.0.2", 3306, "payments", "CANARY")
    assert (green.host, green.port, green.password) == ("127.0.0.3", 3307, "")
    assert found.secrets == {"blue": "arn:aws:x:r:1:secret:b", "green": "arn:aws:x:r:1:secret:g"}
    assert "CANARY" not in repr(found)


def test_without_a_replicated_ledger_there_is_one_database() -> None:
    told = environment(TOLD, SECRET)
    found = Settings.of({name: value for name, value in told.items() if not name.startswith(("BLUE", "GR"))})
    assert set(found.places) == {"blue"}
    assert found.secrets == {"blue": "arn:aws:x:r:1:secret:b"}


@pytest.mark.parametrize(
    ("changed", "named"), [({"PORT": "", "COLOUR": ""}, "COLOUR, PORT"), ({"LOG_LEVEL": "loud"}, "LOG_LEVEL")]
)
def test_what_is_missing_is_named(changed: dict[str, str], named: str) -> None:
    with pytest.raises(SystemExit, match=f"error: {named}"):
        Settings.of(environment(TOLD, SECRET) | changed)


class _Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response({"/health": self.server.status}.get(self.path, 404))  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def answering(_integration: None) -> Iterator[HTTPServer]:
    """A server with TLS whose `status` a test chooses."""
    with HTTPServer(("127.0.0.1", 0), _Answering) as server:
        server.socket = serving.server_tls().wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (404, 1)])
def test_the_health_command_asks_over_tls(answering: Any, tmp_path: Path, status: int, code: int) -> None:
    unpacked(tmp_path)
    answering.status = status
    assert health(tmp_path, {"PORT": str(answering.server_port)}) == code


@pytest.mark.integration
def test_the_health_command_fails_without_tls_and_without_a_server(tmp_path: Path) -> None:
    unpacked(tmp_path)
    with HTTPServer(("127.0.0.1", 0), _Answering) as plain:
        thread = threading.Thread(target=plain.handle_request)
        thread.start()
        assert health(tmp_path, {"PORT": str(plain.server_port)}) == 1
        thread.join()
        port = plain.server_port
    assert health(tmp_path, {"PORT": str(port)}) == 1


@pytest.mark.integration
def test_it_speaks_no_old_protocol() -> None:
    assert serving.server_tls().minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.integration
def test_checkov_finds_nothing_in_it() -> None:
    report: Any = Runner().run(root_folder=str(EXAMPLE), runner_filter=RunnerFilter(framework=["dockerfile"]))
    assert report.passed_checks
    assert [check.check_id for check in report.failed_checks] == []
