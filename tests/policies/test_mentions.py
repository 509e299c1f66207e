"""Whether source can name a method is never denied where parsing finds the name."""

import ast
from pathlib import Path

import pymysql
from hypothesis import given
from hypothesis import strategies as st

from policies._live import called
from policies._mentions import can_name

NAME = "modify_listener"
# Letters that an identifier takes for the ones of NAME (NFKC).
COMPATIBLE = {
    "m": "\uff4d",
    "i": "\U0001d4be",
    "f": "\U0001d41f",
    "s": "\u017f",
    "e": "\u212f",
    "_": "\uff3f",
}
BETWEEN = ('" "', "' '", '" r"', '"\\\n"', '""', '"  # to be\n"', '" """', "\\\n", "\"\t'")


def spelt(letter: str) -> st.SearchStrategy[str]:
    """One letter of a string, as Python lets it be written."""
    code = ord(letter)
    return st.sampled_from(
        (letter, f"\\x{code:02x}", f"\\u{code:04X}", f"\\U{code:08x}", f"\\{code:o}", f"\\{code:03o}")
    )


strings = st.tuples(*(st.tuples(st.sampled_from((*BETWEEN, "")), spelt(letter)) for letter in NAME)).map(
    lambda parts: "".join(gap + letter for gap, letter in parts)
)
identifiers = st.tuples(*(st.sampled_from((letter, COMPATIBLE.get(letter, letter))) for letter in NAME)).map(
    "".join
)


def calls(source: str) -> set[str]:
    """What parsing finds; nothing of what is no Python."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    return {name for node in ast.walk(tree) if isinstance(node, ast.Call) for name in called(node)}


@given(text=strings)
def test_a_string_of_any_spelling(text: str) -> None:
    for quotes in ('"{}"', "'{}'", '"""{}"""'):
        source = f"getattr(client, ({quotes.format(text)}))()\n"
        assert can_name(source, NAME) >= (NAME in calls(source)), source


@given(name=identifiers)
def test_an_identifier_of_any_spelling(name: str) -> None:
    source = f"client.{name}()\n"
    assert NAME in calls(source)
    assert can_name(source, NAME)


def test_spellings_are_found() -> None:
    for text in (
        "\"modify_\" 'listener'",
        '"mod\\x69fy_listener"',
        '"modify_\\\nlistener"',
        '"\\155odify_listener"',
    ):
        source = f"getattr(client, {text})()\n"
        assert NAME in calls(source)
        assert can_name(source, NAME)


def test_a_library_that_does_not_name_it() -> None:
    for file in Path(pymysql.__file__).parent.rglob("*.py"):
        assert not can_name(file.read_text(encoding="utf-8"), NAME), file
