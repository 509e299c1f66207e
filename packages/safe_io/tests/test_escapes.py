"""Each escape on its own."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safe_io import data, document, line, lines, markdown, mermaid, sarif, xml

from packages.safe_io.tests.hostile import TEXTS, harm


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, é, 日本, 🙂", "plain, é, 日本, 🙂"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("a\x9bb\x85", r"a\x9bb\x85"),
        ("\t\r\b\x00\x7f", r"\t\r\x08\x00\x7f"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("a\u2028b\u2029", r"a\u2028b\u2029"),
        ("\ud800\U000e0041", r"\ud800\U000e0041"),
        ("::error::x", r"\x3a:error::x"),
        ("  ::error file=a,line=1::x", r"  \x3a:error file=a,line=1::x"),
        ("a ::warning::x", r"a \x3a:warning::x"),
        ("::0a1b::", r"\x3a:0a1b::"),  # what ends `::stop-commands::0a1b`
        ("##vso[task.complete]", r"\x23#vso[task.complete]"),
        ("a ##teamcity[x] ##[group]", r"a \x23#teamcity[x] \x23#[group]"),
        ("###[x]", r"#\x23#[x]"),
        ("## heading, #42", "## heading, #42"),
        ("arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a"),
        (
            "arn:aws:s3:::bucket, fe80::1, secret:username::",
            "arn:aws:s3:::bucket, fe80::1, secret:username::",
        ),
    ],
)
def test_what_is_shown_of_a_text(text: str, shown: str) -> None:
    assert lines(text) == line(text) == shown


def test_line_feeds() -> None:
    assert lines("a\n::error::b") == "a\n\\x3a:error::b"
    assert line("a\nb") == r"a\nb"


@given(TEXTS)
def test_nothing_is_obeyed_and_nothing_is_escaped_twice(text: str) -> None:
    assert harm(lines(text)) == []
    assert harm(line(text), beside="") == []
    assert lines(lines(text)) == lines(text)
    assert line(line(text)) == line(text)


@given(
    st.recursive(
        TEXTS | st.none() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)
    )
)
@settings(max_examples=40)
def test_data_and_documents(value: Any) -> None:
    assert harm(json.dumps(data(value), ensure_ascii=False), beside="") == []
    for indent in (None, 2):
        written = document(value, indent)
        assert json.loads(written) == value
        assert written.isascii()
        assert harm(written) == []


@given(TEXTS)
def test_markup_languages(text: str) -> None:
    assert not set(markdown(text)) & set("<>\n")
    assert "](" not in markdown(text)
    assert "|" not in markdown(text).replace(r"\|", "")
    assert not set(mermaid(text)) & set('"<>`\n')
    assert "](" not in sarif(text)
    assert "{" not in sarif(text).replace("{{", "")
    assert not set(xml(text)) & set("\ufffe\uffff\x1b\x00")
