"""The log: a line of JSON each on stdout, which ECS sends to CloudWatch Logs.

A line names errors by type and place, never by their message, which may quote a payment or a login. Digits
that may be a card's number are masked in every message.
"""

import json
import logging
import re
import sys
import time
from pathlib import Path
from typing import Any

from examples.service import metrics

CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
HIDDEN = "[digits]"


class Lines(logging.Formatter):
    """`extra={"fields": {…}}` of a record become the line's own; a message that is a mapping is the line."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        if isinstance(record.msg, dict):
            return json.dumps(record.msg)
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "colour": self._colour,
            "message": CARD.sub(HIDDEN, record.getMessage()),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = where(record.exc_info[1])
        return json.dumps(line)


def where(error: BaseException) -> str:
    """Type and place of an error."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f" at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
    return type(error).__name__ + place


def begin(colour: str, level: str) -> None:
    """Have all that this process logs written so."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Lines(colour))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger(metrics.__name__).setLevel("INFO")  # whatever the level: alarms need them
    for chatty in ("botocore", "boto3", "urllib3"):  # at debug they log requests, headers and all
        logging.getLogger(chatty).setLevel(logging.WARNING)
