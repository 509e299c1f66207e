"""From an untrusted event to a Request, or one ValidationError that names every problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..common.errors import Problem, listed
from .actions import ALWAYS, KEYS, Action
from .attestation import KEY, Attestation, digest_of
from .cause import sentence
from .errors import ValidationError
from .fields import FIELDS, problems_of
from .ledger import Moved, Standing
from .limits import CAUSE_LIMIT
from .plan import parse_plan, plan_problems
from .request import Request
from .values import FULL, Colour

_AS_THEY_ARE = (
    *("percent", "hold_seconds", "reason", "by", "force", "repair", "limit", "workflow", "step"),
    *("error", "image"),
)
_ONCE = (
    *(Action.BEGIN, Action.SHIFT, Action.FINALIZE, Action.ROLLBACK),
    *(Action.BEGIN_LEDGER, Action.LEDGER),
)
# Where `workflow` names the workflow that an operator means; elsewhere it is the one that sends the request.
ABOUT_A_WORKFLOW = (Action.APPROVE, Action.ABORT, Action.DEPLOYMENT)
_KNOWN = frozenset({"action", "plan"}) | FIELDS.keys()


def parse_request(event: object, invocation_id: str) -> Request:
    """Event: the keys that actions.py gives for its `action`; raises ValidationError.

    `invocation_id`: the request's id where the event gives none and is no workflow's. What a workflow sends
    has an id of its own: the state machine may send it again.
    """
    if not isinstance(event, dict):
        allowed = 'an object, e.g. {"action": "status"}'
        raise _refusal([Problem.of("event", event, "is not a JSON object", allowed)])
    problems = [*_key_problems(event), *_value_problems(event)]
    if problems:
        raise _refusal(problems)
    given = {key: event[key] for key in _AS_THEY_ARE if key in event}
    return Request(
        action=Action(event["action"]),
        id=event.get("request_id", _of_workflow(event) or invocation_id),
        target=Colour(event["target"]) if "target" in event else None,
        plan=parse_plan(event["plan"]) if "plan" in event else None,
        cause=sentence(event.get("cause", "")),
        raw_cause=event.get("cause", "")[:CAUSE_LIMIT],
        attestation=_attestation(event),
        ledger=Standing.read(event["ledger"]) if "ledger" in event else None,
        moved=Moved.read(event["moved"]) if "moved" in event else None,
        **given,
    )


def _attestation(event: Mapping[str, Any]) -> Attestation | None:
    """Of the event; of a plan, that of who started the workflow."""
    signed = event.get("plan", event)
    return Attestation(signed[KEY], digest_of(signed)) if KEY in signed else None


def _of_workflow(event: Mapping[str, object]) -> str | None:
    """The id of what a workflow sends once in its life, as far as the control table is concerned.

    It has a "/", which the id of a caller can't have: neither passes for the other.
    """
    if "workflow" not in event or event["action"] not in _ONCE:
        return None
    step = f"/{event['step']}" if "step" in event else ""
    return f"{event['workflow']}/{event['action']}{step}"


def _key_problems(event: Mapping[object, object]) -> list[Problem]:
    """Keys that the action lacks or doesn't take; of an unknown action, only keys that no action takes."""
    allowed = ", ".join(sorted(_KNOWN))
    unknown = [key for key in event if key not in _KNOWN]
    problems = [Problem.of(str(key), event[key], "is not a known key", allowed) for key in unknown]
    action = _action(event)
    if action is None:
        return problems
    required, optional = KEYS[action]
    problems += [Problem.missing(key, _allowed(key)) for key in sorted(required - event.keys())]
    surplus = sorted(key for key in _KNOWN - {"action"} - required - optional - ALWAYS if key in event)
    problems += [
        Problem.of(key, event[key], f"does not belong to {action}", "leave it out") for key in surplus
    ]
    return problems + _pair_problems(event, action)


def _pair_problems(event: Mapping[object, object], action: Action) -> list[Problem]:
    """Keys that need each other, and keys that exclude each other."""
    problems = []
    of_a_workflow = "workflow" in event and action not in ABOUT_A_WORKFLOW
    if of_a_workflow and "request_id" in event:
        why = "does not belong to a workflow's request, which has an id of its own"
        problems.append(Problem.of("request_id", event["request_id"], why, "leave it out"))
    if "hold_seconds" in event and (of_a_workflow or event.get("percent") in (0, FULL)):
        why = "does not belong to a request that leaves no share to be held"
        problems.append(Problem.of("hold_seconds", event["hold_seconds"], why, "leave it out"))
    if action is Action.SHIFT and ("workflow" in event) != ("step" in event):
        missing = "step" if "workflow" in event else "workflow"
        problems.append(Problem.missing(missing, "workflow and step together, or neither"))
    if action is Action.BEGIN and _is_only_ledger(event.get("plan")):
        why = "does not belong to begin: a move of the ledger has no steps"
        problems.append(Problem.of("plan.only_ledger", True, why, "leave it out"))
    if event.get("force") is True and not event.get("reason"):
        problems.append(
            Problem.missing("reason", "why traffic has to go to a colour without healthy targets")
        )
    if event.get("repair") is True and not event.get("reason"):
        problems.append(Problem.missing("reason", "why the listeners are written anew"))
    if action is Action.FREEZE and event.get("reason") == "":
        problems.append(Problem.missing("reason", "why no traffic may move"))
    return problems


def _is_only_ledger(plan: object) -> bool:
    return isinstance(plan, dict) and "only_ledger" in plan


def _value_problems(event: Mapping[object, object]) -> list[Problem]:
    problems: list[Problem] = []
    actions = ", ".join(Action)
    if "action" not in event:
        problems.append(Problem.missing("action", actions))
    elif _action(event) is None:
        problems.append(Problem.of("action", event["action"], "is not an action", actions))
    problems += problems_of(event, FIELDS)
    return problems + (plan_problems(event["plan"]) if "plan" in event else [])


def _allowed(key: str) -> str:
    return FIELDS[key].allowed if key in FIELDS else "an object: the workflow's plan"


def _action(event: Mapping[object, object]) -> Action | None:
    return next((action for action in Action if event.get("action") == action), None)


def _refusal(problems: list[Problem]) -> ValidationError:
    return ValidationError(
        what=listed(problems),
        where="event of the switch function",
        cause="a request that isn't understood whole must not move payments; nothing was read or changed",
        fix='correct these keys; an example: {"action": "shift", "target": "green", "percent": 25}',
        problems=problems,
    )
