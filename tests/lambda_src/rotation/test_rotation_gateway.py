"""Secrets Manager at its worst: it fails once, isn't reached at all, or has heard another run first."""

from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from lambda_src.rotation.errors import AwsCallError
from lambda_src.rotation.gateway import Gateway
from lambda_src.rotation.models import Credentials
from lambda_src.rotation.settings import Settings
from tests.lambda_src.rotation.rehearsal import CURRENT, PENDING, Rehearsal


@pytest.fixture
def settings(rehearsal: Rehearsal) -> Settings:
    return Settings.from_environment(rehearsal.environment)


@pytest.fixture
def failures(rehearsal: Rehearsal) -> Iterator[list[int]]:
    """The HTTP statuses of the next attempts; what comes after them reaches the embedded AWS."""
    statuses: list[int] = []

    def send(request: Any, **_: Any) -> AWSResponse | None:
        if not statuses:
            return None
        body = BytesIO(b"{}")
        raw = SimpleNamespace(stream=lambda *_, **__: iter([body.read()]))
        return AWSResponse(request.url, statuses.pop(0), HTTPHeaders(), raw)

    events = rehearsal.client.meta.events
    events.register("before-send", send)
    yield statuses
    events.unregister("before-send", send)


def test_one_failure_is_got_over(rehearsal: Rehearsal, settings: Settings, failures: list[int]) -> None:
    failures.append(500)
    assert Gateway(settings, rehearsal.client).versions().current is None
    assert failures == []


def test_the_second_failure_is_the_end(rehearsal: Rehearsal, settings: Settings, failures: list[int]) -> None:
    failures += [500, 500, 500]
    with pytest.raises(AwsCallError, match="DescribeSecret failed"):
        Gateway(settings, rehearsal.client).versions()
    assert failures == [500]


def test_a_step_s_calls_leave_time_for_the_database(rehearsal: Rehearsal) -> None:
    """Up to four of them, in a function that has 60 s."""
    config = rehearsal.client.meta.config
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    assert 4 * longest <= 60 - 20


def test_who_is_not_reached_is_an_error_like_any(settings: Settings) -> None:
    nobody: Any = boto3.client("secretsmanager", endpoint_url="http://127.0.0.1:1")
    with pytest.raises(AwsCallError, match="Could not connect"):
        Gateway(settings, nobody).versions()


def test_of_two_runs_that_store_a_value_the_first_one_counts(
    rehearsal: Rehearsal, settings: Settings
) -> None:
    token, gateway = rehearsal.announce(), Gateway(settings, rehearsal.client)
    first, second = (Credentials(settings.users.first, password) for password in ("one", "two"))
    assert gateway.store(token, first)
    assert not gateway.store(token, second)
    assert gateway.stored(token) == first
    assert rehearsal.labels() == {token: {CURRENT, PENDING}}
