"""The stack as policies read it: resources in their order, and values at paths."""

import pytest
from stack_gate import blocks, document
from stack_gate.stack import Stack, lookup, objects

TEXT = """
{"resource": {
  "aws_b": {"one": {"name": "x"}, "two": {"of": "${aws_a.one.arn} and ${aws_c.one.id}"}},
  "aws_a": {"one": {"of": "${aws_b.one.name}"}},
  "aws_c": {"one": {}}
}, "output": {"o": {"value": "${aws_a.one.arn}"}}}
"""


@pytest.fixture
def stack() -> Stack:
    read, problems = blocks.split(document.parse(TEXT), "cdk.tf.json")
    assert problems == []
    return Stack(read)


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ((), ["aws_b.one", "aws_b.two", "aws_a.one", "aws_c.one"]),
        (("aws_a",), ["aws_a.one"]),
        (("aws_a", "aws_b", "aws_a"), ["aws_b.one", "aws_b.two", "aws_a.one"]),
        (("aws_nothing",), []),
        (("aws_nothing", "aws_c"), ["aws_c.one"]),
    ],
)
def test_resources_come_in_the_order_of_the_stack(
    stack: Stack, types: tuple[str, ...], found: list[str]
) -> None:
    assert [block.key for block in stack.resources(*types)] == found


def test_a_caller_may_change_the_list_that_it_got(stack: Stack) -> None:
    stack.resources().clear()
    stack.resources("aws_a").clear()
    assert len(stack.resources()) == 4
    assert len(stack.resources("aws_a")) == 1


def test_references_are_those_of_each_stack(stack: Stack) -> None:
    """Two stacks may hold the same text: what it refers to is the own stack's."""
    smaller, _ = blocks.split(document.parse(TEXT.replace('"aws_c"', '"aws_d"')), "cdk.tf.json")
    assert stack.references["aws_b.two"] == {"aws_a.one", "aws_c.one"}
    assert Stack(smaller).references["aws_b.two"] == {"aws_a.one"}
    assert [block.key for block in stack.referred("${aws_c.one.id}")] == ["aws_c.one"]
    assert Stack(smaller).referred("${aws_c.one.id}") == []


@pytest.mark.parametrize(
    ("value", "found"),
    [({"a": {"b": 1}}, 1), ({"a": [{"b": 1}, {"b": 2}]}, 1), ({"a": ["x", {"b": 1}]}, 1), ({"a": [1]}, None),
     ({"a": "x"}, None), ({"a": None}, None), ({}, None), ({"a": {"b": None}}, None), ({"a": []}, None)],
)  # fmt: skip
def test_a_path_leads_through_the_first_of_several_blocks(value: dict[str, object], found: object) -> None:
    assert lookup(value, "a.b") == found


def test_objects_of_a_nested_block() -> None:
    assert objects({"a": 1}) == objects([{"a": 1}, "x"]) == [{"a": 1}]
    assert objects(None) == objects("x") == []
