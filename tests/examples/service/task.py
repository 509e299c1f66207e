"""A task of the example, as ECS runs it: the files that its Dockerfile copies, its entry point, and nothing
but the environment that the platform gives it.
"""

import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import embedded_aws

from bluegreen.operate.databases import local
from bluegreen.operate.databases.server import free_port
from bluegreen.operate.service.task import environment
from lambda_src.contract.values import Colour
from tests.examples.service.conftest import PATIENCE_SECONDS, TABLE, Answer, Shop
from tests.standing_ledger import PRIVILEGES
from tests.workspaces import ROOT

EXAMPLE = ROOT / "examples" / "service"
BODY = json.dumps({"amount": 1250, "currency": "EUR"})
# The certificate is the task's own: the load balancer verifies none.
UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE


def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile's last stage: (instruction, arguments)."""
    lines = (EXAMPLE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    found = [tuple(line.split(" ", 1)) for line in lines if line and line[0] != "#"]
    last = max(index for index, (name, _) in enumerate(found) if name == "FROM")
    return [(name, rest) for name, rest in found[last:]]


def unpacked(root: Path) -> dict[str, str]:
    """Copy into `root` what the Dockerfile copies of the repository; the variables that the image sets."""
    variables: dict[str, str] = {}
    for name, rest in instructions():
        words = rest.split()
        if name == "COPY" and not words[0].startswith("--from"):
            source, target = ROOT / words[-2], root / words[-1].lstrip("/")
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target = target / source.name if words[-1].endswith("/") else target
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
        if name == "ENV":
            variables |= dict(word.split("=", 1) for word in words)
    return variables


@dataclass
class Task:
    """A running one. `variables`: of its environment; `root`: has its files and its log."""

    process: "subprocess.Popen[bytes]"
    root: Path
    variables: Mapping[str, str]

    @property
    def port(self) -> int:
        return int(self.variables["PORT"])

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its log; a line that is no JSON fails."""
        return [json.loads(line) for line in self.log.splitlines()]

    @property
    def log(self) -> str:
        return (self.root / "log").read_text(encoding="utf-8")

    def ask(self, method: str, path: str, body: str | None = None, **headers: str) -> Answer:
        """One request; `x_y` is the header `x-y`."""
        link = HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS, context=UNVERIFIED)
        try:
            link.request(method, path, body, {name.replace("_", "-"): v for name, v in headers.items()})
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, json.loads(answer.read()))
        finally:
            link.close()

    def pay(self, key: str, cookie: str | None = None) -> Answer:
        """One payment."""
        given = {"cookie": f"session={cookie}"} if cookie else {}
        return self.ask("POST", "/payments", BODY, idempotency_key=key, **given)

    def healthy(self) -> bool:
        """By the command that the image has for it."""
        return health(self.root, self.variables) == 0

    def stop(self) -> int:
        """As ECS does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def health(root: Path, variables: Mapping[str, str]) -> int:
    """The exit code of the image's health command."""
    command = [sys.executable, str(root / "app" / "health")]
    return subprocess.run(command, env=dict(variables), capture_output=True, check=False).returncode


def accounts(shop: Shop, name: str) -> dict[Colour, str]:
    """An account of that name on each database, with its secret; ARNs by colour."""
    client, arns = shop.aws.client("secretsmanager"), {}
    for colour in Colour:
        password = f"CANARY-{name}-{colour}"
        local.server(shop.aws, colour).create_account(name, password, PRIVILEGES)
        value = json.dumps({"username": name, "password": password})
        arns[colour] = client.create_secret(Name=f"{name}/{colour}", SecretString=value)["ARN"]
    return arns


@contextmanager
def started(
    shop: Shop,
    root: Path,
    name: str,
    colour: str = "green",
    *,
    own: Mapping[str, str] | None = None,
    **changed: Mapping[str, Any],
) -> Iterator[Task]:
    """A healthy task of a colour whose account has that name. `own`: variables of the configuration;
    `changed`: of a colour's database.
    """
    arns, places = accounts(shop, name), local.places(shop.aws)
    databases = {
        one.value: {"host": places[one].host, "port": places[one].port, "ca": places[one].ca}
        | {"secret": arns[one], **changed.get(one, {})}
        for one in Colour
    }
    told = {"colour": colour, "table": TABLE, "databases": json.dumps(databases)}
    variables = environment(told, embedded_aws.secret_value(shop.aws, arns[Colour(colour)]))
    image = unpacked(root)
    image.pop("PYTHONPATH")  # the packages are this environment's
    variables |= {
        # Before what the platform sets: CA_BUNDLE has the authority of these servers, not of RDS.
        **{name: value for name, value in image.items() if name not in variables},
        "PORT": str(free_port("127.0.0.1")),
        "BIND_ADDRESS": "127.0.0.1",
        "LOG_LEVEL": "info",
        "PATH": os.environ["PATH"],
        "TMPDIR": str(root),
        **shop.aws.variables(),
        **(own or {}),
    }
    entry = [sys.executable, *json.loads(dict(instructions())["ENTRYPOINT"])[1:]]
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(entry, cwd=root / "app", env=variables, stdout=log, stderr=log)
    task = Task(process, root, variables)
    try:
        deadline = time.monotonic() + 2 * PATIENCE_SECONDS
        while not task.healthy():
            assert process.poll() is None, task.log
            assert time.monotonic() < deadline, task.log
            time.sleep(0.2)
        yield task
    finally:
        process.kill()
        process.wait()
