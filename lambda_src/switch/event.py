"""From an untrusted event to a Request, or one ValidationError that names every problem."""

from __future__ import annotations

from collections.abc import Mapping

from .errors import Problem, ValidationError
from .models import FULL, Action, Colour, Request

# Keeps the migration record below a standard SSM parameter's 4 KB, even with every character escaped.
REASON_LIMIT = 256

_TARGET_ALLOWED = "blue or green"
_PERCENT_ALLOWED = f"an integer from 0 to {FULL}: the weight of the target side"
# SSM refuses values that hold a reference to another parameter, which it writes between double braces.
_REASON_ALLOWED = f"at most {REASON_LIMIT} printable characters without {{{{ and }}}}"

# action → (keys it needs, keys it takes besides)
_KEYS: Mapping[Action, tuple[frozenset[str], frozenset[str]]] = {
    Action.STATUS: (frozenset(), frozenset()),
    Action.SWITCH: (frozenset({"target"}), frozenset({"reason"})),
    Action.SHIFT: (frozenset({"target", "percent"}), frozenset({"reason"})),
    Action.ROLLBACK: (frozenset(), frozenset({"target", "reason"})),
}


def parse_request(event: object) -> Request:
    """Event: `{"action", "target", "percent", "reason"}` as the table above says; raises ValidationError."""
    if not isinstance(event, dict):
        allowed = 'an object, e.g. {"action": "status"}'
        raise _refusal([Problem.of("event", event, "is not a JSON object", allowed)])
    problems = [*_key_problems(event), *_value_problems(event)]
    if problems:
        raise _refusal(problems)
    target = event.get("target")
    return Request(
        action=Action(event["action"]),
        target=None if target is None else Colour(target),
        percent=event.get("percent", FULL),
        reason=event.get("reason", ""),
    )


def _key_problems(event: Mapping[object, object]) -> list[Problem]:
    """Keys that the action lacks or doesn't take; of an unknown action, only keys that no action takes."""
    known = frozenset({"action", "target", "percent", "reason"})
    allowed = ", ".join(sorted(known))
    unknown = [key for key in event if key not in known]
    problems = [Problem.of(str(key), event[key], "is not a known key", allowed) for key in unknown]
    action = _action(event)
    if action is None:
        return problems
    required, optional = _KEYS[action]
    hints = {"target": _TARGET_ALLOWED, "percent": _PERCENT_ALLOWED}
    problems += [Problem.missing(key, hints[key]) for key in sorted(required - event.keys())]
    surplus = sorted(key for key in known - {"action"} - required - optional if key in event)
    return problems + [
        Problem.of(key, event[key], f"does not belong to {action}", "leave it out") for key in surplus
    ]


def _value_problems(event: Mapping[object, object]) -> list[Problem]:
    problems: list[Problem] = []
    actions = ", ".join(Action)
    if "action" not in event:
        problems.append(Problem.missing("action", actions))
    elif _action(event) is None:
        problems.append(Problem.of("action", event["action"], "is not an action", actions))
    if "target" in event and event["target"] not in tuple(Colour):
        problems.append(Problem.of("target", event["target"], "is not a side", _TARGET_ALLOWED))
    if "percent" in event:
        problems += _percent_problems(event["percent"])
    if "reason" in event:
        problems += _reason_problems(event["reason"])
    return problems


def _percent_problems(percent: object) -> list[Problem]:
    if type(percent) is not int:  # not isinstance: True is an int, and would shift one percent
        return [Problem.of("percent", percent, "is not an integer", _PERCENT_ALLOWED)]
    if not 0 <= percent <= FULL:
        return [Problem.of("percent", percent, "is out of range", _PERCENT_ALLOWED)]
    return []


def _reason_problems(reason: object) -> list[Problem]:
    if not isinstance(reason, str):
        return [Problem.of("reason", reason, "is not a string", _REASON_ALLOWED)]
    if len(reason) > REASON_LIMIT:
        return [Problem.of("reason", reason, f"has {len(reason)} characters", _REASON_ALLOWED)]
    if not reason.isprintable() or "{{" in reason or "}}" in reason:
        return [Problem.of("reason", reason, "holds characters that can't be recorded", _REASON_ALLOWED)]
    return []


def _action(event: Mapping[object, object]) -> Action | None:
    return next((action for action in Action if event.get("action") == action), None)


def _refusal(problems: list[Problem]) -> ValidationError:
    return ValidationError(
        what="; ".join(f"{problem.key} {problem.problem}" for problem in problems),
        where="event of the switch function",
        why="a request that isn't understood whole must not move payments; nothing was read or changed",
        mend='correct these keys; an example: {"action": "shift", "target": "green", "percent": 25}',
        problems=problems,
    )
