"""Input is data: what others wrote reaches terminal, log and report as text, and nothing there obeys it."""

from safe_io.escapes import data, document, line, lines, markdown, mermaid, sarif, xml
from safe_io.rows import Rows
from safe_io.terminal import (
    Text,
    console,
    exact,
    notice,
    on_terminal,
    report_error,
    say,
    show_data,
    show_document,
    show_view,
    standard_output,
)

__all__ = [
    "Rows",
    "Text",
    "console",
    "data",
    "document",
    "exact",
    "line",
    "lines",
    "markdown",
    "mermaid",
    "notice",
    "on_terminal",
    "report_error",
    "sarif",
    "say",
    "show_data",
    "show_document",
    "show_view",
    "standard_output",
    "xml",
]
