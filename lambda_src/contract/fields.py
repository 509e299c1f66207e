"""The keys of an event: what each may hold, and what is wrong with one that holds something else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..common.errors import Problem
from .attestation import URL_LIMIT
from .images import IMAGE, IMAGE_LIMIT
from .ledger import moved_problem, standing_problem
from .limits import BY_LIMIT, DAY, ID_LIMIT, MAXIMUM_HISTORY, MAXIMUM_STEPS, REASON_LIMIT
from .values import FULL, Colour


@dataclass(frozen=True)
class Field:
    """`problem` answers None for a value that is allowed."""

    problem: Callable[[object], str | None]
    allowed: str


def whole_number(low: int, high: int, meaning: str) -> Field:
    """An integer. Not by isinstance: True is an int, and would shift one percent."""

    def problem(value: object) -> str | None:
        if type(value) is not int:
            return "is not an integer"
        return None if low <= value <= high else "is out of range"

    return Field(problem, f"an integer from {low} to {high}: {meaning}")


def text(limit: int, pattern: str | None = None, allowed: str | None = None) -> Field:
    """Printable, and without what SSM takes for a reference to another parameter: double braces."""

    def problem(value: object) -> str | None:
        if not isinstance(value, str):
            return "is not a string"
        if len(value) > limit:
            return f"has {len(value)} characters"
        if pattern and not re.fullmatch(pattern, value):
            return "is malformed"
        if not value.isprintable() or "{{" in value or "}}" in value:
            return "holds characters that can't be recorded"
        return "is blank" if value.isspace() else None

    return Field(problem, allowed or f"at most {limit} printable characters without {{{{ and }}}}")


def _colour(value: object) -> str | None:
    return None if value in tuple(Colour) else "is not a colour"


def _flag(value: object) -> str | None:
    return None if type(value) is bool else "is neither true nor false"


def _cause(value: object) -> str | None:
    """Any text: a rollback must not be refused for what Step Functions says of the failure before it."""
    return None if isinstance(value, str) else "is not a string"


COLOUR = Field(_colour, "blue or green")
REASON = text(REASON_LIMIT)
BY = text(BY_LIMIT)
ATTESTATION = text(URL_LIMIT, r"https?://[!-~]+", "a presigned URL of sts:GetCallerIdentity")
# Step Functions' own limits for the name of an execution, but for the characters that CloudWatch can't log.
_WORKFLOW = text(80, r"[A-Za-z0-9_-]{1,80}", "1 to 80 letters, digits, - and _: the execution's name")
FIELDS: Mapping[str, Field] = {
    "target": COLOUR,
    "percent": whole_number(0, FULL, "the weight of the target colour"),
    "hold_seconds": whole_number(1, DAY, "how long the share stands before it is rolled back"),
    "reason": REASON,
    "by": BY,
    "attestation": ATTESTATION,
    # Without "/", which every id of a workflow's requests has (event.py): a caller can't send one of those.
    "request_id": text(ID_LIMIT, r"[A-Za-z0-9._:-]+", f"1 to {ID_LIMIT} letters, digits and . _ : -"),
    "force": Field(_flag, "true: even to a colour without healthy targets; with a reason"),
    "repair": Field(_flag, "true: give both listeners the declared shape; with a reason"),
    "limit": whole_number(1, MAXIMUM_HISTORY, "how many entries, the newest first"),
    "workflow": _WORKFLOW,
    "image": text(IMAGE_LIMIT, IMAGE, "REGISTRY/REPOSITORY@sha256:…: an image of ECR by its digest"),
    "step": whole_number(0, MAXIMUM_STEPS - 1, "index of the workflow's step"),
    "cause": Field(_cause, "text"),
    "error": text(256, None, "the name of an error"),
    "ledger": Field(standing_problem, "the ledger's row: writer, epoch, state"),
    "moved": Field(moved_problem, "what the mover answered: writer, epoch, pause_ms"),
}


def problems_of(document: Mapping[object, object], fields: Mapping[str, Field]) -> list[Problem]:
    """One for each key of the document whose value its field doesn't allow."""
    found = ((key, document[key], field) for key, field in fields.items() if key in document)
    return [
        Problem.of(key, value, problem, field.allowed)
        for key, value, field in found
        if (problem := field.problem(value))
    ]
