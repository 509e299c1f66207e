"""One embedded AWS, and one stock moto, for all tests of a worker."""

import io
import os
import resource
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from embedded_aws.clients import Credentials
from moto.server import ThreadedMotoServer

from packages.embedded_aws.tests.roles import role_of_anything

CANARY = "BLUEGREEN_CANARY"
FD_SETSIZE = 1024

Deploy = Callable[..., str]


@pytest.fixture(scope="session")
def aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_aws.LocalAws]:
    """An embedded AWS whose starter had something in the environment that functions must not get."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CANARY, "the user's own")
        with embedded_aws.running(tmp_path_factory.mktemp("aws")) as running:
            yield running


@pytest.fixture(scope="session")
def stock(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_aws.LocalAws]:
    """Moto's server as it is. What it can by itself needs no extension any more."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv(
            "DOCKER_HOST", "tcp://127.0.0.1:9"
        )  # or it would depend on whether this machine has Docker
        server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        keys = Credentials("stock", "takes any")
        yield embedded_aws.LocalAws(
            tmp_path_factory.mktemp("stock"), f"http://{host}:{port}", os.getpid(), "", keys
        )
        server.stop()


@pytest.fixture
def deploy(aws: embedded_aws.LocalAws) -> Deploy:
    """Deploys a function of one module: `deploy(source, Timeout=1, …)` returns its name."""

    def create(source: str, **settings: Any) -> str:
        return create_function(aws, source, **settings)

    return create


@pytest.fixture
def crowd() -> Iterator[None]:
    """More open files than select(2) can wait for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * FD_SETSIZE), hard))
    with ExitStack() as opened:
        for _ in range(FD_SETSIZE):
            opened.enter_context(Path(os.devnull).open("rb"))
        yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def create_function(aws: embedded_aws.LocalAws, source: str, **settings: Any) -> str:
    """Create a function whose handler is `handler` in `source`, and a role of the same name for it, which may
    do anything; return its name.
    """
    name: str = settings.pop("FunctionName", f"function-{uuid.uuid4()}")
    role = role_of_anything(aws.client("iam"), name, "lambda.amazonaws.com")
    defaults: dict[str, Any] = {
        "Code": {"ZipFile": package_of(source)},
        "Handler": "app.main.handler",
        "MemorySize": 128,
        "Role": role,
        "Runtime": "python3.13",
        "Timeout": 20,
    }
    aws.client("lambda").create_function(FunctionName=name, **(defaults | settings))
    return name


def package_of(source: str) -> bytes:
    """A zip package with `source` as the module `app.main`."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app/__init__.py", "")
        archive.writestr("app/main.py", source)
    return content.getvalue()
