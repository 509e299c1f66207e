"""One colour's credentials as Terraform creates them, and what an application sees of them."""

import itertools
import json
import ssl
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pymysql
from embedded_aws import LocalAws

from bluegreen.operate.databases.server import Server
from lambda_src.rotation.database import Database
from lambda_src.rotation.event import parse_request
from lambda_src.rotation.gateway import Gateway, connect
from lambda_src.rotation.logic import perform
from lambda_src.rotation.models import Step
from lambda_src.rotation.settings import Settings
from tests.lambda_src.rotation.server import ADMINISTRATOR, ADMINISTRATOR_PASSWORD

PRIVILEGES = "SELECT,INSERT,UPDATE,DELETE"
CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"

_serial = itertools.count()


@dataclass(frozen=True)
class Rehearsal:
    """`client` is the one that the steps use, for hooks; `secrets` is for the test's own questions."""

    server: Server
    aws: LocalAws
    environment: Mapping[str, str]
    client: Any
    secrets: Any
    dying_function: str

    @classmethod
    def create(cls, server: Server, aws: LocalAws) -> "Rehearsal":
        """A secret without value, the administrator's, an empty database. In the AWS of the environment."""
        name, (client, secrets, dying) = f"pay{next(_serial)}", _clients(aws)
        server.ask(f"CREATE DATABASE {name}")
        server.ask(f"CREATE TABLE {name}.payments (id INT) ENGINE=MEMORY")
        value = json.dumps({"username": ADMINISTRATOR, "password": ADMINISTRATOR_PASSWORD})
        environment = {
            "SECRET_ARN": secrets.create_secret(Name=f"{name}/{uuid.uuid4()}")["ARN"],
            "ADMIN_SECRET_ARN": secrets.create_secret(Name=f"rds/{uuid.uuid4()}", SecretString=value)["ARN"],
            "ADMIN_USER": ADMINISTRATOR,
            "DB_CLUSTER": "rehearsal",
            "DB_HOST": "localhost",
            "DB_READER_HOST": "127.0.0.1",
            "DB_PORT": str(server.port),
            "DB_NAME": name,
            "APP_USER": f"{name}_app",
            "PRIVILEGES": PRIVILEGES,
            "CA_BUNDLE": str(server.authority.path),
        }
        return cls(server, aws, environment, client, secrets, dying)

    def having(self, **environment: str) -> "Rehearsal":
        """The same, deployed again with other settings."""
        return replace(self, environment={**self.environment, **environment})

    def anew(self) -> "Rehearsal":
        """Another secret that was never rotated, and other users, on the same database."""
        arn = self.secrets.create_secret(Name=f"again/{uuid.uuid4()}")["ARN"]
        return self.having(SECRET_ARN=arn, APP_USER=f"pay{next(_serial)}_app")

    @property
    def arn(self) -> str:
        return self.environment["SECRET_ARN"]

    @property
    def users(self) -> tuple[str, str]:
        base = self.environment["APP_USER"]
        return f"{base}_a", f"{base}_b"

    def step(self, step: str, token: str) -> str:
        """What the handler does with Secrets Manager's event, with this rehearsal's own client."""
        settings = Settings.from_environment(self.environment)
        event = {"Step": step, "SecretId": self.arn, "ClientRequestToken": token}
        return perform(parse_request(event), settings, Gateway(settings, self.client), Database(settings))

    def rotate(self, token: str) -> None:
        for step in Step:
            self.step(step, token)

    def rotate_announced(self) -> str:
        """A whole rotation; returns its token."""
        token = self.announce()
        self.rotate(token)
        self.clean_up(token)
        return token

    def announce(self) -> str:
        """Do what RotateSecret does before it invokes the function: AWSPENDING on a version without value."""
        token = str(uuid.uuid4())
        self.secrets.rotate_secret(
            SecretId=self.arn, ClientRequestToken=token, RotationLambdaARN=self.dying_function
        )
        assert self.aws.control("POST", "rotation", {"secretArn": self.arn})["error"]
        return token

    def clean_up(self, token: str) -> None:
        """Take AWSPENDING away, as Secrets Manager does when a rotation has succeeded, or somebody when it
        hasn't.
        """
        self.secrets.update_secret_version_stage(
            SecretId=self.arn, VersionStage=PENDING, RemoveFromVersionId=token
        )

    def value(self, stage: str = CURRENT) -> dict[str, Any] | None:
        """The value of the secret, parsed; None where it has none."""
        try:
            answer = self.secrets.get_secret_value(SecretId=self.arn, VersionStage=stage)
        except self.secrets.exceptions.ResourceNotFoundException:
            return None
        document: dict[str, Any] = json.loads(answer["SecretString"])
        return document

    def labels(self) -> dict[str, set[str]]:
        """Version → labels; those without any are left out."""
        described = self.secrets.describe_secret(SecretId=self.arn).get("VersionIdsToStages", {})
        return {version: set(stages) for version, stages in described.items() if stages}

    def holder(self, label: str) -> str | None:
        return next((version for version, labels in self.labels().items() if label in labels), None)

    def privileges(self, user: str) -> set[str]:
        """What a user may do with the database."""
        rows = self.server.ask(
            "SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES "
            "WHERE GRANTEE = %s AND TABLE_SCHEMA = %s",
            f"'{user}'@'%'",
            self.environment["DB_NAME"],
        )
        return {privilege for (privilege,) in rows}

    def accounts(self) -> list[tuple[Any, ...]]:
        """All that the server knows of the two users: password hash, TLS, privileges."""
        ask = self.server.ask
        return [
            *ask("SELECT * FROM mysql.global_priv WHERE User IN %s ORDER BY User", self.users),
            *ask("SELECT * FROM mysql.db WHERE User IN %s ORDER BY User", self.users),
        ]

    @contextmanager
    def application(self, value: Mapping[str, Any], reader: bool = False) -> Iterator[Any]:
        """A connection with what the secret says, and nothing else; raises pymysql's errors."""
        with pymysql.connect(
            host=value["readerHost" if reader else "host"],
            port=value["port"],
            database=value["dbname"],
            user=value["username"],
            password=value["password"],
            ssl=ssl.create_default_context(cafile=str(self.server.authority.path)),
            autocommit=True,
        ) as connection:
            yield connection

    def logs_in(self, value: Mapping[str, Any] | None) -> bool:
        """Whether an application can work with a value. Not having any is no failed login."""
        if value is None:
            return True
        try:
            with self.application(value) as connection, connection.cursor() as cursor:
                return bool(cursor.execute("SELECT COUNT(*) FROM payments"))
        except pymysql.MySQLError:
            return False


@cache
def _clients(aws: LocalAws) -> tuple[Any, Any, str]:
    """Slow to make: once a server."""
    dying = aws.client("lambda").get_function(FunctionName="dies")["Configuration"]["FunctionArn"]
    return connect(), aws.client("secretsmanager"), dying
