"""Expressions of what only an apply tells: references stay, the rest is unknown, and long texts are quick."""

from typing import Any

import pytest
from stack_gate.expressions import UNKNOWN, Evaluator, Reference, Template, Unknown, as_json

VALUES: dict[str, Any] = {
    "local.list": [1, Reference("aws_kms_key.k.arn")],
    "local.map": {"a": {"b": "x"}},
    "var.name": "shop",
    "var.open": UNKNOWN,
    "local.long": 5_000_000 * "x",
}


def evaluated(text: str) -> Any:
    return Evaluator(VALUES.__getitem__).evaluate(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${aws_vpc.v.id}", Reference("aws_vpc.v.id")),
        ('${aws_subnet.s[0].tags["a"]}', Reference('aws_subnet.s[0].tags["a"]')),
        ("${local.list[1]}", Reference("aws_kms_key.k.arn")),
        ("${local.map.a.b}-${var.name}", "x-shop"),
        ("arn:x:${aws_vpc.v.id}/$${literal}", Template("arn:x:${aws_vpc.v.id}/$${literal}")),
        ("${coalescelist([], [null, aws_kms_key.k.arn])[0]}", None),
        ("${coalesce(null, aws_kms_key.k.arn)}", Reference("aws_kms_key.k.arn")),
        ("${coalesce(null, aws_kms_key.k.description)}", UNKNOWN),
        ('${merge({a = 1}, {a = aws_vpc.v.id})["a"]}', Reference("aws_vpc.v.id")),
        ('${join("/", ["x", aws_vpc.v.id])}', Template("x/${aws_vpc.v.id}")),
        ("${true ? aws_vpc.v.id : null}", Reference("aws_vpc.v.id")),
        ("${jsonencode({a = aws_vpc.v.id})}", Template('{"a":"${aws_vpc.v.id}"}')),
        ("${jsonencode(aws_vpc.v.id)}", UNKNOWN),
        ("${upper(aws_vpc.v.id)}", UNKNOWN),
        ("${aws_vpc.v.enable ? 1 : 2}", Unknown((1, 2))),
        ("${aws_vpc.v.enable ? 1 : var.open}", UNKNOWN),
        ("${aws_vpc.v.enable ? 1 : 1}", 1),
        ("${false && var.open}", False),
        ("${true || aws_vpc.v.enable}", True),
        ("${true && var.open}", UNKNOWN),
        ("${[for x in local.list : x][1]}", Reference("aws_kms_key.k.arn")),
        ("${local.absent}", UNKNOWN),
        ('${file("a")}', UNKNOWN),
        ("${timestamp()}", UNKNOWN),
        ("x%{ if true }y%{ endif }", UNKNOWN),
        ("${1 +}", UNKNOWN),
        ("${{a = 1}.b}", UNKNOWN),
    ],
)
def test_what_is_known(text: str, value: Any) -> None:
    assert evaluated(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('${try(local.map.a.c, "good")}', "good"),
        ("${can(local.map.a.c)}", False),
        # Terraform takes the first one of each of these; this evaluator can't.
        ('${try(format("%q", 1), "good")}', UNKNOWN),
        ('${try(replace("a", "/a/", "b"), "good")}', UNKNOWN),
        ('${try(substr("\u00e9", 0, 1), "good")}', UNKNOWN),
        ('${try(1 + "1e3", 0)}', UNKNOWN),
        ('${can(format("%q", 1))}', UNKNOWN),
        ("${try(join(local.long, [for x in split(local.long, local.long) : local.long]), 0)}", UNKNOWN),
    ],
)
def test_only_what_is_absent_is_passed_over_by_try(text: str, value: Any) -> None:
    assert evaluated(text) == value


@pytest.mark.parametrize("sign", ["(", "[", "{", "!", "-", "${", '"${', "f(", "a ? "])
def test_depth_is_bounded(sign: str) -> None:
    assert evaluated("${" + sign * 20_000) == UNKNOWN


@pytest.mark.parametrize("part", ["1 + ", "aws_vpc.v.", '"x" == ', "[1], ", "!", "a.b[0]."])
def test_long_texts_are_evaluated_once(part: str) -> None:
    """200 kB: what took quadratic time would take minutes."""
    evaluated("${" + part * (200_000 // len(part)) + "1}")


def test_values_are_written_back_as_they_were() -> None:
    assert as_json({"a": ["$${x}", Reference("a.b.c"), 1, None]}) == {"a": ["$$${x}", "${a.b.c}", 1, None]}
    with pytest.raises(ValueError, match="unknown"):
        as_json([UNKNOWN])
