"""Whatever the event is: one typed error, no AWS call, no login."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_src.rotation import handler as module
from lambda_src.rotation.errors import ValidationError
from lambda_src.rotation.event import parse_request
from lambda_src.rotation.models import Request, Step

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments/blue/database-AbCdEf"
ADMINISTRATORS = "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments/blue/administrator-AbCdEf"
OTHER = "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments/green/database-AbCdEf"
TOKEN = str(uuid.UUID(int=7))
WELL_FORMED = {"Step": "setSecret", "SecretId": ARN, "ClientRequestToken": TOKEN}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
not_a_step = json_values.filter(lambda value: value not in tuple(Step))
not_a_token = json_values.filter(lambda value: not isinstance(value, str)) | st.text(max_size=31)


class Context:
    aws_request_id = "test-request"


def nobody(*_: object, **__: object) -> None:
    """In the place of AWS and of the database."""
    raise AssertionError("a malformed event led to a call")


@pytest.fixture(autouse=True)
def _nothing_to_talk_to(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "SECRET_ARN": ARN,
        "ADMIN_SECRET_ARN": ADMINISTRATORS,
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
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "_client", nobody)
    monkeypatch.setattr("pymysql.connect", nobody)


@pytest.mark.parametrize("step", Step)
def test_what_secrets_manager_sends(step: Step) -> None:
    event = WELL_FORMED | {"Step": step.value, "RotationToken": "of no use in the secret's own account"}
    assert parse_request(event) == Request(step, ARN, TOKEN)


@given(event=json_values)
def test_any_json(event: object) -> None:
    with pytest.raises(ValidationError):
        module.handler(event, Context())


@given(value=not_a_step)
def test_any_other_step(value: object) -> None:
    with pytest.raises(ValidationError, match="Step"):
        module.handler(WELL_FORMED | {"Step": value}, Context())


@given(value=not_a_token)
def test_any_other_token(value: object) -> None:
    with pytest.raises(ValidationError, match="ClientRequestToken"):
        module.handler(WELL_FORMED | {"ClientRequestToken": value}, Context())


@given(value=json_values)
def test_any_other_secret(value: object) -> None:
    with pytest.raises(ValidationError, match="SecretId"):
        module.handler(WELL_FORMED | {"SecretId": value}, Context())


def test_the_secret_of_the_other_colour() -> None:
    with pytest.raises(ValidationError, match="not this function's secret"):
        module.handler(WELL_FORMED | {"SecretId": OTHER}, Context())


def test_all_problems_at_once() -> None:
    with pytest.raises(ValidationError) as refusal:
        parse_request({"Step": "dropSecret", "ClientRequestToken": 7})
    assert [(problem.key, problem.problem) for problem in refusal.value.problems] == [
        ("Step", "is malformed"),
        ("SecretId", "is missing"),
        ("ClientRequestToken", "is malformed"),
    ]
