"""Both functions log alike: one JSON object a line, each line once."""

import io
import json
import logging
import unicodedata
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings

from lambda_src.common import logs as of_rotation
from lambda_src.common import logs as of_switch
from packages.safe_io.tests.hostile import HIDDEN, TEXTS

Configure = Callable[[str], logging.Logger]


@pytest.fixture(params=[of_rotation.configure, of_switch.configure], ids=["rotation", "switch"])
def configure(request: pytest.FixtureRequest) -> Configure:
    found: Configure = request.param
    return found


def test_each_line_is_written_once_however_often_it_is_configured(
    configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    name = f"logs-{uuid.uuid4()}"
    configure(name)
    logger = configure(name)
    (handler,) = logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written := io.StringIO())
    before = datetime.now(UTC)
    logger.info("done", extra={"fields": {"duration_ms": 7}})
    logger.debug("not this one")
    (line,) = map(json.loads, written.getvalue().splitlines())
    moment = datetime.fromisoformat(line.pop("time"))
    assert line == {"level": "INFO", "message": "done", "duration_ms": 7}
    assert abs(moment - before).total_seconds() < 60
    assert moment.utcoffset() is not None
    assert caplog.records == []  # the root logger hears nothing of it


def test_a_line_without_fields(configure: Configure) -> None:
    logger = configure(f"logs-{uuid.uuid4()}")
    (handler,) = logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written := io.StringIO())
    logger.error("refused")
    assert json.loads(written.getvalue())["message"] == "refused"


def test_what_aws_answers_to_rotation_is_never_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever level an operator has set before."""
    botocore = logging.getLogger("botocore")
    monkeypatch.setattr(botocore, "level", logging.DEBUG)
    of_rotation.configure(f"logs-{uuid.uuid4()}")
    assert botocore.level == logging.WARNING


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_no_text_makes_a_line_of_its_own(configure: Configure, text: str) -> None:
    logger = configure(f"logs-{uuid.uuid4()}")
    (handler,) = logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written := io.StringIO())
    logger.info(text, extra={"fields": {"reason": text}})

    (line,) = written.getvalue().splitlines()
    assert {unicodedata.category(character) for character in line.replace("\x7f", "")} & HIDDEN == set()
    assert (json.loads(line)["message"], json.loads(line)["reason"]) == (text, text)
