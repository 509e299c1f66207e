"""The commands of the documents: fenced `sh` blocks, and code spans that begin with one of our own."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.workspaces import ROOT

DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/adr/*.md")
REAL_ACCOUNT = "<!-- real account -->"
NOT_RUN = re.compile(r"<!-- not run: .{10,} -->")  # and why
RUN_BY = re.compile(r"<!-- run by (tests/\S+) -->")  # a test of its own
FENCE = re.compile(r"(\s*)```(\w*)\s*$")
EXIT_CODE = re.compile(r"#.*\bexit code (\d+)")
SPAN = re.compile(r"`((?:bluegreen|make) [^`]+)`")
ASSIGNMENT = re.compile(r"[A-Za-z_]+=.*")
KEYWORDS = {"do", "done", "until", "while", "then", "fi", "if"}


@dataclass(frozen=True)
class Line:
    """One line of a block. `real_account`: no test runs it; `exit_code`: what it says that it ends with;
    `run_by`: the test that runs it, where that is one of its own.
    """

    document: str
    number: int
    text: str
    real_account: bool
    run_by: str = ""

    @property
    def exit_code(self) -> int:
        found = EXIT_CODE.search(self.text)
        return int(found[1]) if found else 0

    @property
    def commands(self) -> list[list[str]]:
        """Its simple commands, each as words: without keywords, comments, redirections and what joins
        them.
        """
        lexer = shlex.shlex(self.text, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        found: list[list[str]] = [[]]
        for word in lexer:
            if word == ">":
                next(lexer)
            elif word in KEYWORDS or set(word) <= set(";&|"):
                found.append([])
            else:
                found[-1].append(word)
        return [words for words in map(_called, found) if words]

    def __str__(self) -> str:
        return f"{self.document}:{self.number}"


def _called(words: list[str]) -> list[str]:
    """A command without the variables that are set for it alone."""
    while len(words) > 1 and ASSIGNMENT.fullmatch(words[0]):
        words = words[1:]
    return words


def documents() -> list[Path]:
    """Every document that may have commands."""
    return [path for pattern in DOCUMENTS for path in sorted(ROOT.glob(pattern))]


def lines() -> list[Line]:
    """Every line of every `sh` block."""
    return [line for path in documents() for line in _lines(path)]


def spans() -> list[tuple[str, list[str]]]:
    """Code spans with one of our commands, outside of blocks: where, and its words."""
    found = []
    for path in documents():
        for number, text in _outside(path):
            found += [(f"{path.relative_to(ROOT)}:{number}", span.split()) for span in SPAN.findall(text)]
    return found


def _outside(path: Path) -> Iterator[tuple[int, str]]:
    fenced = False
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if FENCE.match(text):
            fenced = not fenced
        elif not fenced:
            yield number, text


def _lines(path: Path) -> Iterator[Line]:
    language, before, real, run_by = "", "", False, ""
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if fence := FENCE.match(text):
            real = before == REAL_ACCOUNT or NOT_RUN.fullmatch(before) is not None
            marked = RUN_BY.fullmatch(before)
            run_by = marked[1] if marked else ""
            language = "" if language else fence[2] or "text"
        elif language == "sh" and text.strip() and not text.strip().startswith("#"):
            yield Line(str(path.relative_to(ROOT)), number, text.strip(), real, run_by)
        before = text.strip() or before
