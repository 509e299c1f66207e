"""The reader: strict, and it knows where everything is."""

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from stack_gate.document import END, START, read

KEYS = st.text(min_size=1, max_size=4).filter(lambda key: key != "mark")
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just('{"a": "}"}\n\\" {')
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(content=st.dictionaries(KEYS, VALUES, max_size=4), indent=st.sampled_from([None, 0, 1, 4]))
def test_nothing_but_lines_is_added(
    tmp_path_factory: Any, content: dict[str, Any], indent: int | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "same.json"
    path.write_text(json.dumps(content, indent=indent))
    assert _without_lines(read(path)) == content


@given(content=st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_object_is_on_the_lines_it_says(tmp_path_factory: Any, content: dict[str, Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.json"
    marked = _marked(content, iter(range(1000)))
    path.write_text(json.dumps(marked, indent=1))
    lines = path.read_text().split("\n")
    for found in _objects(read(path)):
        mark = f'"mark": {found["mark"]}'
        (at,) = (number for number, line in enumerate(lines, 1) if line.strip().rstrip(",") == mark)
        assert found[START] == at - 1, "the mark is the first key"
        assert lines[found[START] - 1].endswith("{")
        assert lines[found[END] - 1].strip().rstrip(",") == "}"
        assert _indent(lines[found[END] - 1]) == _indent(lines[found[START] - 1])


def test_escapes_and_brackets_in_strings(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"a": "\\"}{\\\\",\n "b": {\n "c": "\\n{" }\n}')
    content = read(path)
    assert (content[START], content[END]) == (1, 4)
    assert (content["b"][START], content["b"][END]) == (2, 3)


def _marked(value: Any, marks: Any) -> Any:
    if isinstance(value, dict):
        return {"mark": next(marks)} | {key: _marked(item, marks) for key, item in value.items()}
    return [_marked(item, marks) for item in value] if isinstance(value, list) else value


def _objects(value: Any) -> list[dict[str, Any]]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [item for part in inner for item in _objects(part)]
    return [value, *found] if isinstance(value, dict) else found


def _without_lines(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_lines(item) for key, item in value.items() if key not in (START, END)}
    return [_without_lines(item) for item in value] if isinstance(value, list) else value


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
