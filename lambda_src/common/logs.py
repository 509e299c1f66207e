"""One JSON object a line on standard error, where CloudWatch Logs Insights finds its fields by itself."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    """`{"time", "level", "message", …}`: the fields are those of the dictionary passed as `extra={"fields":
    …}`.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname, "message": record.getMessage()}
        return json.dumps(line | getattr(record, "fields", {}))


def configure(name: str) -> logging.Logger:
    """Apart from the root logger, whose handler Lambda's runtime owns: each line would appear twice."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    # At DEBUG, to which an operator may set the whole function, it logs what AWS answers, secrets among it.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    return logger
