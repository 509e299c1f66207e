"""Reads one synthesized file: strictly, and with the lines that findings point to."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

# Checkov's own names for the lines of an object (checkov.common.util.consts).
START, END = "__startline__", "__endline__"

# A brace or the end of a line, after all that is neither. Braces in strings are text.
_TOKEN = re.compile(r'(?:[^{}\n"]++|"(?:[^"\\]++|\\.)*+")*+([{}\n])')


class DocumentError(Exception):
    """The file can't be read as what Terraform would read. `line` is 0 where there is none."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def read(path: Path) -> dict[str, Any]:
    """The JSON object in `path`; each object in it carries the numbers of its first and last line.

    Stricter than Python's own reader, which takes the last of two equal keys (Terraform takes both, as two
    blocks) and knows NaN. Raises DocumentError.
    """
    if path.exists() and not path.is_file():
        raise DocumentError("is not a file")
    try:
        text = path.read_bytes().decode("utf-8")
        return parse(text)
    except OSError as error:
        raise DocumentError(f"can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DocumentError("is not UTF-8") from error


def parse(text: str) -> dict[str, Any]:
    """The JSON object in `text`, read as a file is. Raises DocumentError."""
    try:
        document = _parse(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"is not JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise DocumentError("is nested too deeply to be read") from error
    if not isinstance(document, dict):
        raise DocumentError("is not a JSON object", 1)
    return document


def _parse(text: str) -> Any:
    lines = _object_lines(text)

    def with_lines(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        start, end = next(lines)
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                raise DocumentError(f'says "{key}" twice in one object', start)
            if key in (START, END):
                raise DocumentError(f'has the key "{key}", which is Checkov\'s own', start)
            found[key] = value
        return found | {START: start, END: end}

    return json.loads(text, object_pairs_hook=with_lines, parse_constant=_no_number)


def _no_number(constant: str) -> NoReturn:
    raise DocumentError(f"has the value {constant}, which is not JSON")


def _object_lines(text: str) -> Iterator[tuple[int, int]]:
    """First and last line of every object, in the order in which they close: the parser's order, too."""
    line, opened = 1, []
    for token in _TOKEN.finditer(text):
        match token[1]:
            case "\n":
                line += 1
            case "{":
                opened.append(line)
            case "}":
                yield opened.pop(), line
