"""Text that others wrote, made safe for the medium that shows it: it is seen as it is, and nothing obeys it.

Names, tags, reasons, causes, error texts of AWS and Terraform, and whatever a scan reads, may hold anything.
Each function here is for one medium. All but `markdown`, `mermaid` and `sarif` may be applied twice.
"""

import json
import re
import unicodedata
from typing import Any

# Controls (C0, C1), invisible formats (bidirectional overrides among them), halves of surrogate pairs (which
# can't be encoded), and the separators of lines and paragraphs. Source: Unicode standard, table 4-4.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# What the log of a CI system obeys, each wherever its runner looks for it:
# - GitHub Actions: `::command …::` where a line starts, `##[command]` anywhere. Source: "Workflow commands";
#   ActionCommand of actions/runner.
# - Azure Pipelines: `##vso[…]` anywhere, `##[…]` where a line starts. Source: "Logging commands".
# - TeamCity: `##teamcity[…]` anywhere. Source: "Service Messages".
# A terminal that wraps lines can make any word the first one: so `::command::` is one anywhere.
_HASHES = re.compile(r"#(?=#(?:vso|teamcity)?\[)", re.IGNORECASE)
_COLONS = re.compile(r"(?:^|(?<=\s)):(?=:[^\n]*?::)|:(?=:[A-Za-z_][\w-]*(?:::|[ \t][^\n]*?::))", re.MULTILINE)
_MERMAID = str.maketrans(
    {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "#": "#35;", "`": "#96;", "\n": " "}
)
_MARKDOWN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": r"\|", "\n": " "})


class _Shown(dict[int, str | int]):
    """For `str.translate`: an invisible character as Python writes it, such as `\\x1b`."""

    def __missing__(self, code: int) -> str | int:
        character = chr(code)
        hidden = unicodedata.category(character) in _INVISIBLE
        self[code] = character.encode("unicode_escape").decode("ascii") if hidden else code
        return self[code]


_LINE = _Shown()
_LINES = _Shown({ord("\n"): "\n"})


def lines(text: str) -> str:
    """For a terminal and a log: line feeds stay. What a CI system would obey is broken."""
    return _inert(text.translate(_LINES))


def line(text: str) -> str:
    """The same in one line: a line feed is shown as `\\n`."""
    return _inert(text.translate(_LINE))


def data(value: Any) -> Any:
    """A JSON value with every text in it as one line: what a view gets. No text makes lines of its own."""
    match value:
        case str():
            return line(value)
        case dict():
            return {data(key): data(inner) for key, inner in value.items()}
        case list() | tuple():
            return type(value)(map(data, value))
        case _:
            return value


def document(value: Any, indent: int | None = None) -> str:
    """JSON in ASCII. What a CI system would obey anywhere in a line is spelled another way."""
    return json.dumps(value, indent=indent).replace("##", r"#\u0023").replace("\x7f", r"\u007f")


def xml(text: str) -> str:
    """For an XML writer, who escapes what has a meaning in XML: without what XML can't say at all."""
    return lines(text).replace("\ufffe", r"\ufffe").replace("\uffff", r"\uffff")


def markdown(text: str) -> str:
    """For a cell or a paragraph of GitHub Flavored Markdown: no table, no HTML and no link comes of it."""
    return lines(text).translate(_MARKDOWN).replace("](", r"]\(")


def mermaid(text: str) -> str:
    """Between quotes in a Mermaid diagram. Source: Mermaid, "Entity codes to escape characters"."""
    return lines(text).translate(_MERMAID)


def sarif(text: str) -> str:
    """A plain text message: no placeholder, no link comes of it. Source: SARIF 2.1.0, 3.11.5 and 3.11.6."""
    return lines(text).replace("{", "{{").replace("}", "}}").replace("](", r"]\(")


def _inert(text: str) -> str:
    return _COLONS.sub(r"\\x3a", _HASHES.sub(r"\\x23", text))
