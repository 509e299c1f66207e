"""What holds for any policies and any request: of the generated world, seen by Hypothesis."""

import json
import random
from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from iam_evaluation import Caller, Decision, Kind
from packages.iam.tests.cases import Case, Document, outcome
from packages.iam.tests.generated import World

cases = st.integers(min_value=0, max_value=2**32).map(lambda seed: World(seed).case())
randoms = st.randoms(use_true_random=False)
DENY_ALL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
}
ALLOW_ALL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
FIELDS = ("boundary", "session", "of_resource", "endpoint")


def documents(case: Case) -> list[tuple[str, int]]:
    """Where its documents are."""
    lists = [("identity", n) for n in range(len(case.identity))]
    return lists + [(name, 0) for name in FIELDS if getattr(case, name)]


def changed(case: Case, place: tuple[str, int], statements: Any) -> Case:
    """With other statements in one document: `statements` maps the old ones to the new ones."""
    name, index = place
    old = case.identity[index] if name == "identity" else getattr(case, name)
    new = {**old, "Statement": statements(old["Statement"])}
    if name != "identity":
        given: dict[str, Any] = {name: new}
        return replace(case, **given)
    return replace(case, identity=(*case.identity[:index], new, *case.identity[index + 1 :]))


def rank(decision: Decision) -> int:
    return {"ExplicitlyDenied": 0, "ImplicitlyDenied": 1, "Allowed": 2}[outcome(decision)]


def extra(case: Case, place: tuple[str, int], chance: random.Random, effect: str) -> Document:
    """One more statement for a document of this kind."""
    other = World(chance.getrandbits(32))
    kind = case.kind if place[0] == "of_resource" else Kind.IDENTITY
    statement = other.statement(case.action, case.resource, kind)
    statement.pop("NotPrincipal", None)
    if place[0] in ("of_resource", "endpoint"):
        statement.setdefault("Principal", "*")
    return {**statement, "Effect": effect}


@given(cases, randoms)
def test_one_more_deny_never_allows_more(case: Case, chance: random.Random) -> None:
    assume(documents(case))
    place = chance.choice(documents(case))
    statement = extra(case, place, chance, "Deny")
    assert rank(changed(case, place, lambda old: [*old, statement]).decide()) <= rank(case.decide())


@given(cases, randoms)
def test_one_more_allow_never_denies_more(case: Case, chance: random.Random) -> None:
    assume(documents(case))
    place = chance.choice(documents(case))
    statement = extra(case, place, chance, "Allow")
    assert rank(changed(case, place, lambda old: [*old, statement]).decide()) >= rank(case.decide())


@given(cases)
def test_an_explicit_denial_wins(case: Case) -> None:
    assume(case.caller.account)
    assert case_denied(replace(case, identity=(*case.identity, DENY_ALL)))
    assert case_denied(replace(case, session=DENY_ALL))


def case_denied(case: Case) -> bool:
    return case.decide().explicit


@given(cases)
def test_less_limits_never_deny_more(case: Case) -> None:
    """Without boundary (which NotPrincipal looks at), session policy, endpoint or organisation."""
    now = rank(case.decide())
    assert rank(replace(case, boundary=None).decide()) >= now
    assert rank(replace(case, session=None).decide()) >= now
    assert rank(replace(case, endpoint=None).decide()) >= now
    assert rank(replace(case, service_control=(), resource_control=()).decide()) >= now


@given(cases)
def test_full_access_within_all_limits_is_what_the_limits_leave(case: Case) -> None:
    """Only a denial is in the way to what the account owns."""
    assume(case.caller.account == case.owner and case.kind is Kind.RESOURCE)
    free = replace(
        case, identity=(ALLOW_ALL,), boundary=None, session=None, endpoint=None, service_control=()
    )
    decision = free.decide()
    assert decision.allowed or decision.explicit


@given(cases, randoms)
def test_a_wider_pattern_covers_at_least_as_much(case: Case, chance: random.Random) -> None:
    """A wildcard for any piece of an action or of a resource's last part, in Allow statements."""
    assume(case.identity)

    def widened(statements: list[Document]) -> list[Document]:
        return [
            wider(statement, chance) if statement["Effect"] == "Allow" else statement
            for statement in statements
        ]

    wide = changed(case, ("identity", chance.randrange(len(case.identity))), widened)
    assert rank(wide.decide()) >= rank(case.decide())


def wider(statement: Document, chance: random.Random) -> Document:
    found = dict(statement)
    for element in {"Action", "Resource"} & statement.keys():
        found[element] = [wider_text(text, chance) for text in as_list(statement[element])]
    return found


def wider_text(text: str, chance: random.Random) -> str:
    head, colon, tail = text.rpartition(":")
    start, end = sorted(chance.randrange(len(tail) + 1) for _ in range(2))
    return text if text == "*" or "${" in text else f"{head}{colon}{tail[:start]}*{tail[end:]}"


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@given(cases, randoms)
def test_order_is_of_no_consequence(case: Case, chance: random.Random) -> None:
    def shuffled(statements: list[Document]) -> list[Document]:
        return [shuffled_lists(one, chance) for one in chance.sample(statements, len(statements))]

    mixed = case
    for place in documents(case):
        mixed = changed(mixed, place, shuffled)
    mixed = replace(
        mixed,
        identity=tuple(chance.sample(mixed.identity, len(mixed.identity))),
        service_control=tuple(
            tuple(chance.sample(level, len(level)))
            for level in chance.sample(case.service_control, len(case.service_control))
        ),
        context=dict(chance.sample(list(case.context.items()), len(case.context))),
    )
    assert outcome(mixed.decide()) == outcome(case.decide())


def shuffled_lists(statement: Document, chance: random.Random) -> Document:
    keys = chance.sample(list(statement), len(statement))
    return {
        key: chance.sample(statement[key], len(statement[key]))
        if isinstance(statement[key], list)
        else statement[key]
        for key in keys
    }


@given(cases)
def test_other_ways_to_write_the_same_are_the_same(case: Case) -> None:
    """Lists of one, text, lower-case actions and keys, one document for all or one for each statement."""
    now = outcome(case.decide())
    listed, lower, merged = case, case, case
    for place in documents(case):
        listed = changed(
            listed,
            place,
            lambda old: [
                {**one, "Action": as_list(one["Action"])} if "Action" in one else one for one in old
            ],
        )
        lower = changed(lower, place, lambda old: [lower_case(one) for one in old])
    apart = tuple({**one, "Statement": statement} for one in case.identity for statement in one["Statement"])
    merged = replace(case, identity=apart)
    assert {outcome(other.decide()) for other in (listed, lower, merged)} == {now}
    assert outcome(replace(case, action=case.action.upper()).decide()) == now


def lower_case(statement: Document) -> Document:
    found = dict(statement)
    for element in {"Action", "NotAction"} & found.keys():
        found[element] = json.loads(json.dumps(found[element]).lower())
    condition = {
        operator: {key.swapcase(): value for key, value in keys.items()}
        for operator, keys in found.get("Condition", {}).items()
    }
    return {**found, **({"Condition": condition} if condition else {})}


@given(cases)
def test_a_decision_is_consistent_with_itself(case: Case) -> None:
    decision = case.decide()
    assert not (decision.allowed and decision.explicit)
    assert (decision.missing is None) == (decision.allowed or decision.explicit)
    assert decision.explain()
    if decision.explicit:
        assert len(decision.by) == 1
    if decision.nearest:
        assert decision.nearest.statement.layer is decision.missing


@given(cases)
def test_a_stranger_gets_in_by_the_resource_policy_only(case: Case) -> None:
    stranger = Caller.role("arn:aws:iam::999999999999:role/stranger")
    assert not replace(case, caller=stranger, of_resource=None, identity=(ALLOW_ALL,)).decide().allowed
