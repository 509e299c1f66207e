"""Policy documents: from the strings that Terraform wants to the objects that Checkov's checks read.

Checkov decodes them in HCL, where they are written with jsonencode(). In synthesized JSON they are strings,
and its IAM checks pass on strings, or say nothing.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from stack_gate import data_documents
from stack_gate.blocks import Block
from stack_gate.document import START

# Arguments that hold a JSON document which some check reads.
DOCUMENTS = frozenset(
    {
        "access_policies",
        "access_policy",
        "assume_role_policy",
        "configuration",
        "container_definitions",
        "container_properties",
        "inline_policy",
        "policy",
        "resource_policy",
    }
)
_EXPRESSION = re.compile(r"(?:data|local|module|path|var)\.|aws_\w+\.|\w+\(")  # rendered: without the ${}
_LISTED = ("Action", "NotAction", "Resource", "NotResource")
_IDENTITY_POLICIES = ("aws_iam_", "aws_ssoadmin_")


def inline(blocks: list[Block]) -> None:
    """Puts what data sources would give where it is used, as JSON text."""
    texts = data_documents.render(
        {
            block.labels[1]: block.body
            for block in blocks
            if block.kind == "data" and block.labels[0] == "aws_iam_policy_document"
        }
    )
    for block in blocks:
        for body, name in _arguments(block.body) if block.kind == "resource" else ():
            value = body[name]
            if not isinstance(value, str):
                continue
            if (reference := data_documents.REFERENCE.fullmatch(value)) is not None:
                body[name] = texts.get(reference[1], value)


def decode(conf: dict[str, Any], resource_type: str) -> None:
    """Decodes the documents in `conf`, a resource in Checkov's form (scalars in lists of one), in place."""
    for body, name in _arguments(conf):
        try:
            (text,) = body[name]
            document = json.loads(text)
        except (TypeError, ValueError):
            continue
        if isinstance(document, dict | list):
            body[name] = [canonical(document, listed=resource_type.startswith(_IDENTITY_POLICIES))]


def hidden(conf: dict[str, Any]) -> list[str]:
    """Names of the documents in `conf` that no check can read: after all rendering, still expressions."""
    values = ((name, body[name]) for body, name in _arguments(conf))
    texts = ((name, value[0] if isinstance(value, list) and value else value) for name, value in values)
    return [
        name for name, text in texts if isinstance(text, str) and ("${" in text or _EXPRESSION.match(text))
    ]


def canonical(document: Any, *, listed: bool) -> Any:
    """Of the spellings that mean the same to IAM, the one that Checkov's checks know: statements in a list,
    everybody as an AWS principal; with `listed`, actions and resources in lists, too.
    """
    if not isinstance(document, dict) or "Statement" not in document:
        return document
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    return document | {"Statement": [_statement(item, listed=listed) for item in statements]}


def _statement(statement: Any, *, listed: bool) -> Any:
    if not isinstance(statement, dict):
        return statement
    found = dict(statement)
    if found.get("Principal") == "*":
        found["Principal"] = {"AWS": "*"}
    for key in _LISTED if listed else ():
        if isinstance(found.get(key), str):
            found[key] = [found[key]]
    return found


def _arguments(body: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every (object, key) in `body` that holds a document; `inline_policy` may be a block with one."""
    for name in sorted(DOCUMENTS & set(body)):
        items = body[name] if isinstance(body[name], list) else [body[name]]
        inner = [item for item in items if isinstance(item, dict) and START in item]
        if not inner:
            yield body, name
        elif name == "inline_policy":
            yield from ((item, "policy") for item in inner if "policy" in item)
