"""Where mutants are tried: an AWS and a database server that outlive them, cleaned before each."""

import importlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import embedded_aws
from embedded_aws import LocalAws

from tests.lambda_src.rotation import mariadb
from tests.lambda_src.rotation.mariadb import MariaDb

_NAMES = "pay"  # what the names of the rehearsals' databases and users begin with


@dataclass(frozen=True)
class Grounds:
    """One worker's. `directory` is for whatever its tests write."""

    directory: Path
    aws: LocalAws
    database: MariaDb

    def clean(self) -> None:
        """As if both had just been started."""
        self.aws.control("POST", "reset", timeout=60)
        for (name,) in self.database.ask("SHOW DATABASES LIKE %s", f"{_NAMES}%"):
            self.database.ask(f"DROP DATABASE `{name}`")
        accounts = self.database.ask(
            "SELECT User, Host FROM mysql.global_priv WHERE User LIKE %s", f"{_NAMES}%"
        )
        for name, host in accounts:
            self.database.ask(f"DROP USER `{name}`@`{host}`" if host else f"DROP ROLE `{name}`")

    @contextmanager
    def lent(self) -> Iterator[None]:
        """In the place of those that the tests would start."""

        @contextmanager
        def aws(_directory: Path) -> Iterator[LocalAws]:
            yield self.aws

        @contextmanager
        def database(_directory: Path) -> Iterator[MariaDb]:
            yield self.database

        with mock.patch.object(embedded_aws, "running", aws), mock.patch.object(mariadb, "running", database):
            yield


@contextmanager
def prepared(directory: Path, workers: int) -> Iterator[list[Grounds]]:
    """One for each worker."""
    with ExitStack() as stack:
        yield [_ready(stack, directory / str(number)) for number in range(workers)]


def _ready(stack: ExitStack, directory: Path) -> Grounds:
    places = {name: directory / name for name in ("aws", "mariadb", "tests")}
    for place in places.values():
        place.mkdir(parents=True)
    aws = stack.enter_context(embedded_aws.running(places["aws"]))
    return Grounds(places["tests"], aws, stack.enter_context(mariadb.running(places["mariadb"])))


def load_libraries() -> None:
    """What every trial needs and no mutant changes: imported once, then inherited."""
    for name in ("boto3", "coverage", "hypothesis", "pymysql", "pytest", "xdist"):
        importlib.import_module(name)
