"""Reads and validates policy documents.

Source: IAM User Guide, "Grammar of the IAM JSON policy language"; KMS Developer Guide, "Creating a key
policy" (a statement without Resource has no effect).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from iam_evaluation import elements
from iam_evaluation.documents import Kind, Policy, Statement
from iam_evaluation.errors import PolicyError
from iam_evaluation.reader import Reader

VARIABLES_SINCE = "2012-10-17"
VERSIONS = ("2008-10-17", VARIABLES_SINCE)
_DOCUMENT = ("Version", "Id", "Statement")
_STATEMENT = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    "Condition",
)


def parse_policy(document: str | Mapping[str, Any], *, name: str, kind: Kind = Kind.IDENTITY) -> Policy:
    """`document`: JSON text (kept: the same text isn't parsed twice) or what it says. Raises PolicyError."""
    if isinstance(document, str):
        return _parse_text(document, name, kind)
    return _policy(Reader(name, kind), document)


@lru_cache(maxsize=4096)
def _parse_text(text: str, name: str, kind: Kind) -> Policy:
    reader = Reader(name, kind)
    try:
        document = json.loads(text, object_pairs_hook=reader.without_twins)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise PolicyError(name, where, f"no JSON: {error.msg}", "correct the JSON") from None
    return _policy(reader, document)


def _policy(reader: Reader, document: object) -> Policy:
    if not isinstance(document, Mapping):
        raise reader.wrong("the document", f"{document!r} is no object", "write an object with Statement")
    reader.only_known(document, _DOCUMENT, "the document")
    version = document.get("Version", VERSIONS[0])
    if version not in VERSIONS:
        raise reader.wrong("Version", f"{version!r} is no version", f'write "{VARIABLES_SINCE}"')
    written = document.get("Statement")
    if not written:
        raise reader.wrong("Statement", "there is no statement", "add at least one statement")
    reader = replace(reader, variables=version == VARIABLES_SINCE)
    statements = written if isinstance(written, list) else [written]
    found = tuple(_statement(reader, index, one) for index, one in enumerate(statements))
    if reader.kind is Kind.IDENTITY:
        _different_sids(reader, found)
    return Policy(reader.name, reader.kind, found)


def _different_sids(reader: Reader, statements: Iterable[Statement]) -> None:
    seen: set[str] = set()
    for statement in statements:
        if statement.sid and statement.sid in seen:
            where = f"Statement[{statement.index}].Sid"
            raise reader.wrong(where, f"{statement.sid!r} is another statement's, too", "give each its own")
        seen.add(statement.sid or "")


def _statement(reader: Reader, index: int, element: object) -> Statement:
    where = f"Statement[{index}]"
    if not isinstance(element, Mapping):
        raise reader.wrong(where, f"{element!r} is no object", "write an object with Effect and Action")
    reader.only_known(element, _STATEMENT, where)
    effect = element.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise reader.wrong(f"{where}.Effect", f"{effect!r} is no effect", 'write "Allow" or "Deny"')
    allow = effect == "Allow"
    principals, exempt = elements.read_principals(reader, element, where, allow=allow)
    resources = elements.read_resources(reader, element, where)
    return Statement(
        index=index,
        sid=elements.read_sid(reader, element.get("Sid"), where),
        allow=allow,
        principals=principals,
        exempt=exempt,
        actions=elements.read_actions(reader, element, where),
        resources=resources,
        conditions=elements.read_conditions(reader, element.get("Condition", {}), f"{where}.Condition"),
        ineffective=reader.kind is Kind.KEY and resources is None,
    )
