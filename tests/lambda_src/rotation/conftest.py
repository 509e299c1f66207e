"""A database server and an embedded AWS for all tests of a worker; secrets and a database for each test."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import embedded_aws
import pytest

from bluegreen.operate.databases import programs
from bluegreen.operate.databases.certificates import Authority
from bluegreen.operate.databases.server import Server
from packages.embedded_aws.tests.roles import role_of_anything
from tests.default_session import led_to
from tests.lambda_src.rotation.rehearsal import Rehearsal
from tests.lambda_src.rotation.server import running
from tests.prerequisites import leave_out

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where no server is installed, the summary says in one line what did not run; in CI, tests fail then."""
    if not programs.find():
        leave_out(config, items, below=HERE, fixture="server", lack=programs.LACK, fix=programs.FIX)


@pytest.fixture(scope="session")
def server(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A database server."""
    with running(tmp_path_factory.mktemp("database")) as server:
        yield server


@pytest.fixture(scope="session")
def aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_aws.LocalAws]:
    """An embedded AWS with a function that dies at the first call, for rotations that have to be begun
    only.
    """
    with embedded_aws.running(tmp_path_factory.mktemp("aws")) as aws:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("dies.py", "def handler(event, context):\n    raise RuntimeError('it dies')\n")
        deploy(aws, "dies", code.getvalue(), handler="dies.handler", environment={})
        yield aws


def deploy(
    aws: embedded_aws.LocalAws, name: str, package: bytes, *, handler: str, environment: dict[str, str]
) -> str:
    """Create a function that Secrets Manager may invoke; returns its ARN."""
    functions = aws.client("lambda")
    created = functions.create_function(
        FunctionName=name,
        Role=role_of_anything(aws.client("iam"), "function", "lambda.amazonaws.com"),
        Runtime="python3.13",
        Handler=handler,
        Code={"ZipFile": package},
        Timeout=60,
        MemorySize=256,
        Environment={"Variables": environment},
    )
    functions.add_permission(
        FunctionName=name,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    arn: str = created["FunctionArn"]
    return arn


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """One that did not sign the server's certificate."""
    return Authority.create(tmp_path, "stranger")


@pytest.fixture(autouse=True)
def only_this_aws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the place of the other functions' AWS, for tests that talk to one."""
    if "aws" in request.fixturenames:
        aws: embedded_aws.LocalAws = request.getfixturevalue("aws")
        led_to(aws, monkeypatch)


@pytest.fixture
def rehearsal(server: Server, aws: embedded_aws.LocalAws) -> Rehearsal:
    """A secret that was never rotated."""
    return Rehearsal.create(server, aws)
