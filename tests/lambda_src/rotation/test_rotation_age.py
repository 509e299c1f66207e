"""The secret's age, told on a schedule."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from embedded_aws import LocalAws

from lambda_src.common.logs import JsonFormatter
from lambda_src.rotation import age
from lambda_src.rotation import handler as module
from lambda_src.rotation.errors import AwsCallError, ValidationError

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SETTINGS = {
    "ADMIN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:administrator-AbCdEf",
    "ADMIN_USER": "administrator",
    "DB_CLUSTER": "payments-local-blue",
    "DB_HOST": "localhost",
    "DB_READER_HOST": "localhost",
    "DB_PORT": "3306",
    "DB_NAME": "payments",
    "APP_USER": "payments",
    "PRIVILEGES": "SELECT",
    "CA_BUNDLE": "rotation/rds-ca-bundle.pem",
}


class Context:
    aws_request_id = "test-request"


@pytest.fixture
def secret(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A secret in an AWS of the tests, and the function told of it."""
    client = aws.client("secretsmanager")
    arn = client.create_secret(Name="payments/blue/database")["ARN"]
    for name, value in {**SETTINGS, "SECRET_ARN": arn}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "_client", lambda: client)
    yield arn
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def logged(caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    """The one line that was logged."""
    (record,) = caplog.records
    line: dict[str, object] = json.loads(JsonFormatter().format(record))
    return line


@pytest.fixture(autouse=True)
def _heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("rotation"), "propagate", True)


def test_it_is_logged_where_the_metric_filter_looks(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = module.handler({"Step": "reportAge", "SecretId": secret}, Context())

    assert answer == {"step": "reportAge", "age_days": pytest.approx(0, abs=0.1)}
    line = logged(caplog)
    assert (line["message"], line["secret"], line["age_days"]) == ("age", secret, answer["age_days"])


def test_another_secret_s_age_is_not_told(secret: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValidationError, match="is not this function's secret"):
        module.handler({"Step": "reportAge", "SecretId": f"{secret}-other"}, Context())
    assert "age_days" not in logged(caplog)


def test_a_secret_that_is_gone_is_a_failure(
    secret: str, aws: LocalAws, caplog: pytest.LogCaptureFixture
) -> None:
    aws.client("secretsmanager").delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    with pytest.raises(AwsCallError):
        module.handler({"Step": "reportAge", "SecretId": secret}, Context())
    assert "age_days" not in logged(caplog)


def test_it_counts_from_the_last_rotation_wherever_the_clock_stands() -> None:
    created, rotated = NOW - timedelta(days=90), NOW - timedelta(days=1, hours=12)
    elsewhere = rotated.astimezone(timezone(timedelta(hours=-5)))

    assert age.in_days({"CreatedDate": created, "LastRotatedDate": elsewhere}, NOW) == 1.5


def test_it_counts_from_the_creation_where_nothing_rotates_it() -> None:
    described = {"CreatedDate": NOW - timedelta(days=90)}

    assert age.in_days(described, NOW) == age.in_days({**described, "LastRotatedDate": None}, NOW) == 90


def test_it_is_told_to_the_hundredth_of_a_day() -> None:
    assert age.in_days({"CreatedDate": NOW - timedelta(days=1, seconds=1000)}, NOW) == 1.01


@pytest.mark.parametrize(
    "event", [None, [], "reportAge", {}, {"Step": "createSecret"}, {"step": "reportAge"}]
)
def test_whatever_else_is_a_rotation_s_event(event: object) -> None:
    assert not age.is_asked(event)
