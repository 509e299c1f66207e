"""Brings a block into the form that Checkov's checks understand, and says where that can't be done."""

from collections.abc import Iterator
from typing import Any

from stack_gate.blocks import CHECKED, COMMENT, Block
from stack_gate.document import END, START
from stack_gate.report import Problem

# Types that make other resources of a text that the author writes; those of a whole provider end with _.
INDIRECT = (
    "aws_cloudcontrolapi_resource",
    "aws_cloudformation_stack",
    "aws_cloudformation_stack_set",
    "aws_servicecatalog_provisioned_product",
    "awscc_",
)
LOOP = "write the loop in Python, so that every repetition is in the JSON; or scan the plan"


def normalise(block: Block) -> list[Problem]:
    """Changes `block.body` in place."""
    block.body.pop(COMMENT, None)
    if block.kind not in CHECKED:
        return []
    problems = [*_repetition(block), *_module(block), *_unseen(block)]
    for name in ("count", "for_each"):
        block.body.pop(name, None)
    block.body = _plain(block.body)
    problems.extend(
        Problem(
            f"{block.address}: {path} is a list of lists, or mixes values and objects: Checkov drops it",
            "write it as a list of one kind",
            block.file,
            block.line,
            resource=block.address,
        )
        for path in _dropped(block.body, "")
    )
    return problems


def _repetition(block: Block) -> Iterator[Problem]:
    """Checkov drops what it can't repeat by itself: the resource, or the checks that come after it."""
    dynamic = [f'dynamic "{label}"' for label in _dynamic_labels(block.body)]
    found = [*(name for name in ("count", "for_each") if name in block.body), *dynamic]
    for name in found:
        message = (
            f"{block.address} has {name}: how often it is repeated, and with which values, is not in the JSON"
        )
        yield Problem(message, LOOP, block.file, block.line, resource=block.address)


def _module(block: Block) -> Iterator[Problem]:
    if block.kind == "module":
        message = f"{block.address} is a module: its resources are not in the JSON"
        fix = "write its resources as constructs; or scan the plan"
        yield Problem(message, fix, block.file, block.line, resource=block.address)


def _unseen(block: Block) -> Iterator[Problem]:
    """What a resource does besides being there."""
    if block.kind != "resource":
        return
    if "provisioner" in block.body:
        message = f"{block.address} has a provisioner: what its commands do is not in the JSON"
        fix = "write what they do as constructs"
        yield Problem(message, fix, block.file, block.line, resource=block.address)
    type_ = block.labels[0]
    if any(type_.startswith(name) if name.endswith("_") else type_ == name for name in INDIRECT):
        message = f"{block.address} makes resources that no policy knows"
        fix = "write them as resources of the AWS provider"
        yield Problem(message, fix, block.file, block.line, resource=block.address)


def _dynamic_labels(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _dynamic_labels(item)
    elif isinstance(value, dict):
        for content in _dynamics(value):
            yield from (label for label in content if label not in (START, END))
        for item in value.values():
            yield from _dynamic_labels(item)


def _dynamics(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects in `"dynamic"`; none where an attribute (an environment variable, say) has the name."""
    return _objects(body.get("dynamic"))


def _objects(value: Any) -> list[dict[str, Any]]:
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts if isinstance(part, dict)]


def _plain(value: Any) -> Any:
    """Without nulls (Terraform: not set, Checkov: set), and each dynamic block as one static one, which keeps
    the other checks on the resource going.
    """
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _plain(item) for key, item in value.items() if item is not None}
    for part in _dynamics(plain):
        for label, definition in part.items():
            contents = [item["content"] for item in _objects(definition) if "content" in item]
            if contents:
                plain[label] = _objects(plain.get(label)) + contents
    if _dynamics(plain):
        del plain["dynamic"]
    return plain


def _dropped(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _dropped(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        kinds = {type(item) if isinstance(item, list | dict) else None for item in value}
        if list in kinds or len(kinds) > 1:
            yield path
        for item in value:
            yield from _dropped(item, path)
