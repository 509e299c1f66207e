"""For every resource type that can fail there is an alarm, or a line in docs/alarms.md that says why not."""

import re
from collections.abc import Iterator

import pytest

from tests.modules.monitored import alarms, measured
from tests.stack_reader import Stack
from tests.workspaces import ROOT

KEYS = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "modules" / "config").glob("*.py"))
DOCUMENT = (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8")
REFERENCED_TYPE = re.compile(r"\$\{(aws_[a-z0-9_]+)\.")
EXCUSES = "## What does not ring, and why"


def alarmed_types(stack: Stack) -> Iterator[str]:
    """Types that an alarm measures, or whose events ring one or reach the topic."""
    for alarm in alarms(stack).values():
        for metric in measured(alarm):
            yield from REFERENCED_TYPE.findall(" ".join(metric.dimensions.values()))
    for rule in stack.all("aws_cloudwatch_event_rule"):
        yield from REFERENCED_TYPE.findall(rule.block.get("event_pattern", ""))


def excused_types() -> list[str]:
    """Types that the document names beneath its heading of what does not ring, a sentence or a row each."""
    text = DOCUMENT[DOCUMENT.index(EXCUSES) :]
    first_cells = re.findall(r"^\| ([^|]+) \|", text, flags=re.MULTILINE)
    settings = text[text.index("Settings, which do nothing") :]
    return [type_ for part in (*first_cells, settings) for type_ in re.findall(r"`(aws_[a-z0-9_]+)`", part)]


def test_every_resource_type_is_alarmed_or_excused(stack: Stack) -> None:
    assert set(stack.document["resource"]) - set(alarmed_types(stack)) - set(excused_types()) == set()


def test_no_excuse_is_stale(stack: Stack) -> None:
    excused = excused_types()

    assert set(excused) - set(stack.document["resource"]) == set()
    assert set(excused) & set(alarmed_types(stack)) == set()
    assert len(set(excused)) == len(excused)


@pytest.mark.parametrize("key", sorted(set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", DOCUMENT))))
def test_the_document_names_keys_and_types_that_exist(stacks: dict[str, Stack], key: str) -> None:
    if key.startswith("aws_"):
        assert key in stacks["local"].document["resource"]
    else:
        assert key in KEYS
