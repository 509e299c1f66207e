"""The reports of a scan, one format a file. Each writes a Report to a text stream."""

from collections.abc import Callable
from typing import TextIO

from stack_gate.render import json_report, junit, sarif, text
from stack_gate.report import Report

FORMATS: dict[str, Callable[[Report, TextIO], None]] = {
    "text": text.write,
    "json": json_report.write,
    "sarif": sarif.write,
    "junit": junit.write,
}
