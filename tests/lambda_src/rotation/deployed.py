"""The rotation function as it is deployed: the zip, invoked by RotateSecret; and the applications that use
the secret.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pymysql

from modules.functions import package as function_package
from tests.lambda_src.rotation.conftest import deploy
from tests.lambda_src.rotation.rehearsal import Rehearsal

ROUND_SECONDS = 30.0


@dataclass(frozen=True)
class Deployed:
    """The function of a rehearsal's secret."""

    rehearsal: Rehearsal
    name: str
    arn: str

    @classmethod
    def create(cls, rehearsal: Rehearsal) -> "Deployed":
        name, package = f"{rehearsal.environment['DB_NAME']}-rotation", function_package.build("rotation")
        arn = deploy(
            rehearsal.aws,
            name,
            package.path.read_bytes(),
            handler="rotation.handler.handler",
            environment=dict(rehearsal.environment),
        )
        return cls(rehearsal, name, arn)

    def configure(self, **environment: str) -> None:
        """Deploy it again with other settings."""
        variables = {**self.rehearsal.environment, **environment}
        functions = self.rehearsal.aws.client("lambda")
        functions.update_function_configuration(FunctionName=self.name, Environment={"Variables": variables})

    def begin(self) -> None:
        """Have Secrets Manager rotate. When a rotation is unfinished, it refuses, and goes on with that
        one.
        """
        self.rehearsal.secrets.rotate_secret(
            SecretId=self.rehearsal.arn,
            RotationLambdaARN=self.arn,
            RotationRules={"AutomaticallyAfterDays": 30},
        )

    def await_end(self) -> str | None:
        """The error that ended the rotation."""
        answer = self.rehearsal.aws.control("POST", "rotation", {"secretArn": self.rehearsal.arn})
        assert not answer["running"], "the rotation takes longer than it may"
        error: str | None = answer["error"]
        return error

    def rotate(self) -> str | None:
        self.begin()
        return self.await_end()

    def log(self) -> list[str]:
        """All that the function has written to CloudWatch Logs."""
        logs = self.rehearsal.aws.client("logs")
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{self.name}")["events"]
        return [event["message"] for event in events]


@dataclass
class Applications:
    """Threads that log in without pause. Every other one reads the secret for each login; the rest keep what
    they have read until the next round, as a caching client does. `refused` says who could not log in with
    what.
    """

    rehearsal: Rehearsal
    count: int
    logins: int = 0
    refused: list[str] = field(default_factory=list)
    _round: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _seen: dict[int, int] = field(default_factory=dict)
    _stopped: bool = False

    @contextmanager
    def running(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(self.count)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopped = True
            for thread in threads:
                thread.join()

    def next_round(self) -> None:
        """Wait until each has read the secret anew and logged in with it. Only then may another rotation
        begin: a value that was read is good for one.
        """
        with self._changed:
            self._round += 1
            everybody = self._changed.wait_for(
                lambda: len(self._seen) == self.count and min(self._seen.values()) == self._round,
                ROUND_SECONDS,
            )
        assert everybody, f"only {self._seen} of round {self._round} have logged in"

    def _work(self, number: int) -> None:
        value, current = self._read(), self._round
        while not self._stopped:
            if number % 2 or current != self._round:
                current = self._round
                value = self._read()
            self._log_in(value, reader=bool(number % 4 < 2))
            with self._changed:
                self.logins += 1
                self._seen[number] = current
                self._changed.notify_all()

    def _read(self) -> Mapping[str, Any]:
        answer = self.rehearsal.secrets.get_secret_value(SecretId=self.rehearsal.arn)
        value: Mapping[str, Any] = json.loads(answer["SecretString"])
        return value

    def _log_in(self, value: Mapping[str, Any], *, reader: bool) -> None:
        try:
            with self.rehearsal.application(value, reader), self._changed:
                pass
        except pymysql.MySQLError as error:
            self.refused.append(f"{value['username']}: {error}")
