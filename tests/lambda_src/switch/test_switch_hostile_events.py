"""Events, most of them wrong: a typed error each, and nothing is asked of AWS.

`make test` draws a tenth of the events that `make test-long` draws.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_src.contract.cause import sentence
from lambda_src.contract.errors import ValidationError
from lambda_src.contract.request import Request
from lambda_src.contract.values import Colour
from lambda_src.switch import serving
from lambda_src.switch.invocation import Invocation
from tests.lambda_src.switch.test_switch_handler import Context
from tests.lambda_src.switch.test_switch_settings import ENVIRONMENT

_many = settings(suppress_health_check=list(HealthCheck))
_a_share = pytest.mark.parametrize(
    "share", [10, pytest.param(1, marks=pytest.mark.long)], ids=["part", "all"]
)

_characters = st.characters(
    min_codepoint=32, max_codepoint=0x17F, exclude_categories=["C", "Z"], exclude_characters="{}"
)
_printable = st.text(_characters, max_size=20)
_colours = st.sampled_from(["blue", "green"])
_steps = st.sets(st.integers(1, 99), max_size=6).map(lambda found: [*sorted(found), 100])
_steps |= st.just(list(range(51, 101)))


@st.composite
def _plans(draw: st.DrawFn) -> dict[str, Any]:
    steps = draw(_steps)
    optional = {
        "approve_at": st.lists(st.sampled_from(steps), max_size=5),
        "approval_timeout_seconds": st.integers(1, 86400),
        "deadline_seconds": st.integers(1, 31 * 86400),
        "reason": _printable | st.just("r" * 256),
        "by": _printable | st.just("b" * 128),
    }
    needed = {"target": _colours, "steps": st.just(steps), "bake_seconds": st.integers(0, 86400)}
    return draw(st.fixed_dictionaries(needed, optional=optional))


# The contract, written down once more: what each key may hold, and what each action needs and takes.
_GOOD: Mapping[str, st.SearchStrategy[Any]] = {
    "target": _colours,
    "percent": st.integers(0, 100),
    "reason": _printable | st.just("r" * 256),
    "by": _printable | st.just("b" * 128),
    "request_id": st.text("aZ09._:-", min_size=1, max_size=20) | st.just("i" * 128),
    "force": st.just(False),
    "limit": st.integers(1, 50),
    "workflow": st.text("aZ09_-", min_size=1, max_size=20) | st.just("w" * 80),
    "step": st.integers(0, 49),
    "hold_seconds": st.integers(1, 86400),
    "cause": st.text(max_size=20) | st.just("\n" * 5000),
    "plan": _plans(),
}
_ACTIONS = {
    "status": ("", ""),
    "history": ("", "limit"),
    "preflight": ("target", "percent"),
    "switch": ("target", ""),
    "shift": ("target percent", "hold_seconds"),
    "rollback": ("", "target force workflow cause"),
    "reconcile": ("", ""),
    "freeze": ("reason", ""),
    "unfreeze": ("", ""),
    "approve": ("", "workflow"),
    "abort": ("", "workflow"),
    "begin": ("workflow plan", ""),
    "ask": ("workflow step", ""),
    "verify": ("workflow step", ""),
    "finalize": ("workflow", ""),
}
_ALWAYS = ("reason", "by", "request_id")
_other: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.floats() | st.lists(st.integers(), max_size=3) | st.just({})
)
_not_text = _other | st.integers()
_long = st.integers(0, 2000).map(lambda more: "x" * (257 + more))
_unprintable = st.sampled_from(["\n", "tab\there", "\x00", "{{ssm}}", "}}", "\ud800", "\u202e"])
_outside = st.integers(max_value=-1) | st.integers(min_value=31 * 86400 + 1)
_no_number = _other | st.text() | _outside
_bad_text = _not_text | _long | _unprintable
_bad_id = _bad_text | st.sampled_from(["", "two words", "naïve", "a\n", "shift-1/begin"])
_BAD: Mapping[str, st.SearchStrategy[Any]] = {
    "target": _not_text | st.sampled_from(["", "Blue", "red", "blue ", "BLUE", "green\n"]),
    "percent": _no_number | st.integers(101, 999),
    "reason": _bad_text | st.just(" "),
    "by": _bad_text | st.just(" "),
    "request_id": _bad_id,
    "force": _not_text.filter(lambda value: type(value) is not bool) | st.sampled_from(["true", "no"]),
    "limit": _no_number | st.just(0) | st.integers(51, 999),
    "workflow": _bad_id | st.sampled_from(["a/b", "a.b"]),
    "step": _no_number | st.integers(50, 999),
    "hold_seconds": _no_number | st.just(0) | st.integers(86401, 10**6),
    "cause": _not_text,
}
_BAD_STEPS: list[Any] = [[], [50], [50, 50, 100], [100, 50], [0, 100], [50, 101], [True, 100], [50.0, 100],
                         ["50", 100], [[100]], list(range(50, 101))]  # fmt: skip
_BAD_PLAN: Mapping[str, st.SearchStrategy[Any]] = {
    "target": _BAD["target"],
    "steps": _not_text | st.sampled_from(_BAD_STEPS),
    "bake_seconds": _no_number | st.integers(86401, 10**6),
    "approve_at": _not_text.filter(lambda value: value != []) | st.sampled_from([["50"], [0], [101], [True]]),
    "approval_timeout_seconds": _no_number | st.just(0) | st.integers(86401, 10**6),
    "deadline_seconds": _no_number | st.just(0),
    "reason": _bad_text,
    "by": _bad_text,
}
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def valid_events(draw: st.DrawFn) -> dict[str, Any]:
    action = draw(st.sampled_from(list(_ACTIONS)))
    needed, optional = ({name: _GOOD[name] for name in names.split()} for names in _ACTIONS[action])
    always = {name: _GOOD[name] for name in _ALWAYS if name not in needed}
    if action == "freeze":
        needed["reason"] = _GOOD["reason"].filter(bool)
    event: dict[str, Any] = draw(st.fixed_dictionaries(needed, optional=optional | always))
    if action == "shift" and draw(st.booleans()):
        event |= {name: draw(_GOOD[name]) for name in ("workflow", "step")}
    if "workflow" in event and action not in ("approve", "abort"):
        event = {name: value for name, value in event.items() if name not in ("request_id", "hold_seconds")}
    if event.get("percent") in (0, 100):
        event.pop("hold_seconds", None)
    return event | {"action": action}


@st.composite
def events_with_one_thing_wrong(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """And the key that is to be named."""
    event = draw(valid_events())
    action = event["action"]
    needed, optional = (names.split() for names in _ACTIONS[action])
    wrong = draw(st.sampled_from(["value", "missing", "surplus", "unknown", "action", "pair", "plan"]))
    if wrong == "missing" and needed:
        key = draw(st.sampled_from(needed))
        del event[key]
    elif wrong == "surplus":
        taken = {*needed, *optional, *_ALWAYS, *(("workflow", "step") if action == "shift" else ())}
        key = draw(st.sampled_from(sorted(_GOOD.keys() - taken)))
        event[key] = draw(_GOOD[key])
    elif wrong == "unknown":
        key = draw(st.text(max_size=60).filter(lambda text: text not in _GOOD and text != "action"))
        event[key] = draw(_json)
    elif wrong == "action":
        key = "action"
        event["action"] = draw(_json.filter(lambda value: value not in list(_ACTIONS)))
    elif wrong == "pair" and action in ("shift", "rollback"):
        key = _unpaired(draw, event)
    elif wrong == "plan" and action == "begin":
        name = draw(st.sampled_from(sorted(_BAD_PLAN)))
        event["plan"] = event["plan"] | {name: draw(_BAD_PLAN[name])}
        key = f"plan.{name}"
    else:
        key = draw(st.sampled_from(sorted(_BAD.keys() & {*needed, *optional, *_ALWAYS})))
        event[key] = draw(_BAD[key])
    return event, key


def _unpaired(draw: st.DrawFn, event: dict[str, Any]) -> str:
    if event["action"] == "rollback":
        event["force"] = True
        event.pop("reason", None)
        return "reason"
    kept, lost = draw(st.permutations(["workflow", "step"]))
    event.pop(lost, None)
    event[kept] = draw(_GOOD[kept])
    return lost


@dataclass(frozen=True)
class Performed:
    perform: serving.Perform
    invocations: list[Invocation]

    def handle(self, event: object) -> None:
        """As either function does, whoever may ask for it."""
        serving.serve(event, Context(), lambda invocation: invocation, self.perform)


@pytest.fixture(scope="module")
def performed() -> Iterator[Performed]:
    """What would be carried out; the clients would say so if anybody asked for one."""
    invocations: list[Invocation] = []

    def perform(invocation: Invocation) -> dict[str, object]:
        invocations.append(invocation)
        return {"action": "none"}

    def client(service: str) -> object:
        raise AssertionError(f"a client of {service} was asked for")

    client.together = client  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setattr(serving, "clients", lambda: client)
        patch.setattr(serving._log, "disabled", True)
        yield Performed(perform, invocations)


@_a_share
def test_what_is_wrong_is_refused_and_named(performed: Performed, share: int) -> None:
    @given(made=events_with_one_thing_wrong())
    # With a few thousand no wrong value is missed of a key that few actions take.
    @settings(_many, max_examples=10_000 // share)
    def refused(made: tuple[dict[str, Any], str]) -> None:
        event, key = made
        performed.invocations.clear()
        with pytest.raises(ValidationError) as raised:
            performed.handle(event)
        assert key[:80] in [problem.key for problem in raised.value.problems]
        assert performed.invocations == []

    refused()


@_a_share
def test_what_is_right_is_understood(performed: Performed, share: int) -> None:
    @given(event=valid_events())
    @settings(_many, max_examples=2500 // share)
    def understood(event: dict[str, Any]) -> None:
        performed.invocations.clear()
        performed.handle(event)
        (invocation,) = performed.invocations
        _is_what_was_sent(invocation.request, event)

    understood()


def _is_what_was_sent(request: Request, event: dict[str, Any]) -> None:
    for name in ("action", "percent", "reason", "by", "force", "limit", "workflow", "step", "hold_seconds"):
        assert getattr(request, name) == event.get(name, getattr(request, name))
    assert request.target == (Colour(event["target"]) if "target" in event else None)
    assert request.raw_cause == event.get("cause", "")[:2000]
    assert request.cause == sentence(event.get("cause", ""))
    if "plan" in event:
        assert request.plan is not None
        told = request.plan.to_json()
        assert told["steps"] == tuple(event["plan"]["steps"])
        assert told["approve_at"] == tuple(sorted(set(event["plan"].get("approve_at", []))))
        assert {name: told[name] for name in event["plan"].keys() - {"steps", "approve_at"}} == {
            name: value for name, value in event["plan"].items() if name not in ("steps", "approve_at")
        }


@_a_share
def test_any_other_json_is_refused(performed: Performed, share: int) -> None:
    @given(event=_json)
    @settings(_many, max_examples=2500 // share)
    def refused(event: Any) -> None:
        performed.invocations.clear()
        with pytest.raises(ValidationError):
            performed.handle(event)
        assert performed.invocations == []

    refused()
