"""The example's log and metrics, and its table of errors: without a process."""

import json
import logging
import re

import pymysql
import pytest

from examples.service import acquirer, ledger, metrics
from examples.service.logs import Lines
from examples.service.metrics import Metrics
from tests.workspaces import ROOT

CARD = "4111 1111-1111 1111"
CLASS = re.compile(r"^ +\| `([\w-]+)` \| ([\d, ]+)", re.MULTILINE)


def line(record: logging.LogRecord) -> dict[str, object]:
    found: dict[str, object] = json.loads(Lines("blue").format(record))
    return found


def record(message: object, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("n", logging.INFO, "f", 1, message, arguments, info)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The lines of metrics."""
    found: list[dict[str, object]] = []
    monkeypatch.setattr(metrics.log, "info", found.append)
    return found


@pytest.mark.parametrize("number", [CARD, "4111111111111111", "378282246310005", "6304000000000000000"])
def test_a_cards_number_is_masked(number: str) -> None:
    assert line(record("paid with %s, 7 times", number))["message"] == "paid with [digits], 7 times"
    assert line(record("at 127.0.0.1:12345 for 1250"))["message"] == "at 127.0.0.1:12345 for 1250"


def test_an_error_is_named_by_type_and_place() -> None:
    with pytest.raises(ValueError, match=CARD) as caught:
        int(CARD)  # its text quotes what it was given
    found = line(record("failed", error=caught.value))
    assert re.fullmatch(r"ValueError at test_logs\.py:\d+", str(found["error"]))
    duplicate = pymysql.IntegrityError(1062, f"Duplicate entry '{CARD}' for key 'idempotency_key'")
    assert ledger.described(duplicate) == "IntegrityError 1062"


def test_a_line_of_metrics_has_at_most_a_hundred_values(written: list[dict[str, object]]) -> None:
    measured = Metrics("blue", "Shop")
    for number in range(250):
        measured.time("PaymentMs", number / 1000)
        measured.count("Payments")
    measured.ledger_error("fenced")
    measured.write()
    times = [found["PaymentMs"] for found in written if "PaymentMs" in found]
    assert [len(values) for values in times if isinstance(values, list)] == [100, 100, 50]
    assert sum(int(str(found.get("Payments", 0))) for found in written) == 250
    assert [(found["Class"], found["LedgerErrors"]) for found in written if "Class" in found] == [
        ("fenced", 1)
    ]
    measured.write()
    assert "PaymentMs" not in written[-1]
    assert (written[-1]["UnknownCommits"], written[-1]["Colour"]) == (0, "blue")


def test_the_document_has_every_class_of_errors() -> None:
    text = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    found = {name: {int(one) for one in re.findall(r"\d+", numbers)} for name, numbers in CLASS.findall(text)}
    assert found == ledger.CLASSES | acquirer.CLASSES


def test_errors_without_a_number_are_a_lost_connection() -> None:
    assert ledger.kind(pymysql.InterfaceError(0, "")) == ledger.LOST
    assert ledger.kind(pymysql.Error("Already closed")) == ledger.LOST
    assert ledger.kind(pymysql.IntegrityError(1062, "")) == ledger.OTHER
