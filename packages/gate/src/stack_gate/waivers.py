"""Waivers: an accepted finding, in code next to the resource, with a reason, until a date.

    "//": {"checkov": {"skip": [{"id": "CKV_AWS_145", "comment": "why", "expires": "2027-06-30"}]}}

in a block; at the top of the document for findings on the whole stack. `owner` may be there, too. A check
that admits what it can't evaluate asks for it (`needs_owner`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from stack_gate.blocks import COMMENT, Block
from stack_gate.document import END, START
from stack_gate.report import Finding, Problem, Severity

EXPIRED, TOO_LONG, UNUSED = "BG_WAIVER_EXPIRED", "BG_WAIVER_TOO_LONG", "BG_WAIVER_UNUSED"
# A year, and time to decide anew: a risk that is accepted is looked at once a year (PCI DSS 12.3.1).
LONGEST = timedelta(days=400)
FORM = '{"id": "CKV_AWS_145", "comment": "why", "expires": "2027-06-30"}'


@dataclass(frozen=True, slots=True)
class Waiver:
    """`expires` is the last day on which it holds."""

    check: str
    resource: str
    reason: str
    expires: date
    file: str
    line: int
    owner: str = ""


def of_block(block: Block) -> tuple[list[Waiver], list[Problem]]:
    """The waivers in a block; to be called before normalisation, which drops comments."""
    return read(block.body.get(COMMENT), block.address, block.file, block.line)


def read(comment: Any, resource: str, file: str, line: int) -> tuple[list[Waiver], list[Problem]]:
    """The waivers in the comment of `resource`; one that is not as it should be is a problem."""
    settings = comment.get("checkov", {}) if isinstance(comment, dict) else {}
    entries = settings.get("skip") if isinstance(settings, dict) else None
    if not settings:
        return [], []
    if not isinstance(entries, list) or set(settings) - {"skip", START, END}:
        return [], [_malformed("//.checkov", resource, file, line)]
    waivers: dict[str, Waiver] = {}
    problems = []
    for entry in entries:
        waiver = _waiver(entry, resource, file)
        if waiver is None or waiver.check in waivers:
            at = entry[START] if isinstance(entry, dict) else line
            problems.append(_malformed(_shown(entry), resource, file, at))
        else:
            waivers[waiver.check] = waiver
    return list(waivers.values()), problems


def _waiver(entry: Any, resource: str, file: str) -> Waiver | None:
    if not isinstance(entry, dict) or set(entry) - {"owner"} != {"id", "comment", "expires", START, END}:
        return None
    check, reason, until = entry["id"], entry["comment"], entry["expires"]
    owner = entry.get("owner", "-")
    if not all(isinstance(text, str) and text.strip() for text in (check, reason, until, owner)):
        return None
    try:
        expires = date.fromisoformat(until)
    except ValueError:
        return None
    return Waiver(check, resource, reason, expires, file, entry[START], entry.get("owner", ""))


def _shown(entry: Any) -> str:
    if not isinstance(entry, dict):
        return repr(entry)
    return ", ".join(f"{name} {value!r}" for name, value in entry.items() if name not in (START, END)) or "{}"


def _malformed(what: str, resource: str, file: str, line: int) -> Problem:
    message = f"{resource}: the waiver {what} is not one, or the second of its check"
    return Problem(
        message, f"a waiver has all of, and besides them only an owner: {FORM}", file, line, resource=resource
    )


def not_holding(waiver: Waiver, today: date) -> Finding | None:
    """The finding that a waiver doesn't hold today: no longer, or because it would for too long."""
    if waiver.expires < today:
        message = f"the waiver of {waiver.check} expired on {waiver.expires}: {waiver.reason}"
        return _finding(EXPIRED, Severity.MEDIUM, waiver, message, "fix what it waives, or decide anew")
    if waiver.expires > today + LONGEST:
        message = f"the waiver of {waiver.check} until {waiver.expires} is for too long: {waiver.reason}"
        fix = f"let it end within {LONGEST.days} days, by {today + LONGEST}: then it is decided anew"
        return _finding(TOO_LONG, Severity.MEDIUM, waiver, message, fix)
    return None


def without_owner(waiver: Waiver) -> Problem:
    """What a waiver of a check that needs an owner lacks."""
    message = f"{waiver.resource}: the waiver of {waiver.check} names no owner"
    return Problem(
        message, 'add "owner": who answers for it', waiver.file, waiver.line, resource=waiver.resource
    )


def unused(waiver: Waiver) -> Finding:
    """The finding that a waiver waives nothing: left behind, it would hide the next defect."""
    message = f"{waiver.check} does not fail here: there is nothing to waive"
    return _finding(UNUSED, Severity.LOW, waiver, message, "take the waiver out")


def _finding(policy: str, severity: Severity, waiver: Waiver, message: str, fix: str) -> Finding:
    return Finding(policy, None, severity, waiver.resource, waiver.file, waiver.line, message, fix)
