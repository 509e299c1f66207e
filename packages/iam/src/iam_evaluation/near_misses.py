"""Why nothing allowed a request: the statement that came nearest."""

from collections.abc import Iterable, Iterator

from iam_evaluation.decisions import Failed, Layer, NearMiss, StatementRef, UnmetCondition
from iam_evaluation.documents import Policy, Statement
from iam_evaluation.principals import Reach
from iam_evaluation.requests import Request

_FARTHER = {Failed.RESOURCE: 0, Failed.PRINCIPAL: 1, Failed.CONDITION: 2}


def nearest(layer: Layer, policies: Iterable[Policy], request: Request) -> NearMiss | None:
    """Of the Allow statements for the action, the one with the most that matches; of equals, the first."""
    return max(_misses(layer, policies, request), key=_closeness, default=None)


def _closeness(miss: NearMiss) -> tuple[int, int]:
    return _FARTHER[miss.failed], -len(miss.unmet)


def _misses(layer: Layer, policies: Iterable[Policy], request: Request) -> Iterator[NearMiss]:
    for policy in policies:
        for statement in policy.covering(request.action_key).allowing:
            if not statement.ineffective:
                yield _miss(
                    StatementRef(layer, policy.name, statement.index, statement.sid), statement, request
                )


def _miss(reference: StatementRef, statement: Statement, request: Request) -> NearMiss:
    if not statement.covers_resource(request.resource, request.keys):
        return NearMiss(
            reference, Failed.RESOURCE, statement.resources.written if statement.resources else ()
        )
    if statement.reach(request.caller, bounded=False) is Reach.NONE:
        return NearMiss(reference, Failed.PRINCIPAL)
    unmet = tuple(
        UnmetCondition(condition.operator, condition.key, condition.wanted, condition.found(request.keys))
        for condition in statement.conditions
        if not condition.holds(request.keys)
    )
    return NearMiss(reference, Failed.CONDITION, unmet=unmet)
