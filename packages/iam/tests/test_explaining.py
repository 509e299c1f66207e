"""A decision names the statements that decided, or what was missing."""

import pytest

from iam_evaluation import Caller, Failed, Kind, Layer, Policies, StatementRef, UnmetCondition
from packages.iam.tests.questions import OTHER, QUEUE, ROLE, ROLE_ARN, ask, of_resource, policy

TAGGED = {
    "StringEquals": {"aws:ResourceTag/team": ["blue", "green"]},
    "Bool": {"aws:SecureTransport": "true"},
}


def test_what_allowed() -> None:
    decision = ask(
        Policies(
            identity=(policy({"Action": "s3:*"}, name="buckets"), policy({}, {"Sid": "All"}, name="all")),
            boundary=policy({"Sid": "Limit"}, name="limit"),
        )
    )
    assert decision.by == (
        StatementRef(Layer.IDENTITY, "all", 0),
        StatementRef(Layer.BOUNDARY, "limit", 0, "Limit"),
    )
    assert decision.explain() == (
        "allowed by identity-based policy 'all', Statement[0] and "
        "permissions boundary 'limit', Statement[0] (Limit)"
    )


def test_what_denied() -> None:
    decision = ask(Policies(identity=(policy({}, {"Effect": "Deny", "Sid": "No"}, name="p"),)))
    assert decision.by == (StatementRef(Layer.IDENTITY, "p", 1, "No"),)
    assert decision.explain() == "explicitly denied by identity-based policy 'p', Statement[1] (No)"


def test_the_root_user_is_allowed_by_no_statement() -> None:
    assert ask(Policies(), caller=Caller.root("111122223333")).explain() == "allowed by being who it is"


def test_no_statement_has_the_action() -> None:
    decision = ask(Policies(identity=(policy({"Action": "s3:*"}),)))
    assert (decision.missing, decision.nearest) == (Layer.IDENTITY, None)
    assert decision.explain() == "implicitly denied: no identity-based policy allows it"


def test_the_action_matched_but_not_the_resource() -> None:
    decision = ask(Policies(identity=(policy({"Action": "s3:*"}, {"Resource": f"{QUEUE}-other"}, name="p"),)))
    near = decision.nearest
    assert near
    assert (near.statement.index, near.failed, near.written) == (1, Failed.RESOURCE, (f"{QUEUE}-other",))
    assert decision.explain().endswith(
        f"nearest: identity-based policy 'p', Statement[1]: it is for {QUEUE}-other"
    )


def test_a_condition_failed() -> None:
    decision = ask(
        Policies(identity=(policy({"Resource": f"{QUEUE}-other"}, {"Condition": TAGGED}, name="p"),)),
        context={"aws:ResourceTag/team": "red"},
    )
    near = decision.nearest
    assert near
    assert (near.statement.index, near.failed) == (1, Failed.CONDITION)
    assert near.unmet == (
        UnmetCondition("StringEquals", "aws:ResourceTag/team", ("blue", "green"), ("red",)),
        UnmetCondition("Bool", "aws:SecureTransport", ("true",), ()),
    )
    assert decision.explain().endswith(
        "StringEquals aws:ResourceTag/team wants 'blue' or 'green'; the request has 'red'; "
        "Bool aws:SecureTransport wants 'true'; the request doesn't have the key"
    )


def test_the_statement_with_the_fewest_failed_conditions_is_nearest() -> None:
    one = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    decision = ask(Policies(identity=(policy({"Condition": TAGGED}, one, one),)))
    assert decision.nearest
    assert decision.nearest.statement.index == 1


@pytest.mark.parametrize("kind", [Kind.RESOURCE, Kind.KEY])
def test_it_is_for_others(kind: Kind) -> None:
    rules = of_resource({"Principal": {"Service": "sns.amazonaws.com"}}, kind=kind)
    key = "arn:aws:kms:eu-west-1:444455556666:key/1"
    decision = ask(Policies(resource=rules), action="kms:Decrypt", resource=key)
    near = decision.nearest
    assert decision.missing is Layer.KEY
    assert near
    assert near.failed is Failed.PRINCIPAL
    assert decision.explain().endswith("it is for other principals")


def test_the_layer_that_is_missing_is_the_one_that_is_explained() -> None:
    """The identity-based policy allows it; the other account's queue doesn't."""
    rules = of_resource(
        {"Principal": {"AWS": ROLE_ARN}, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    )
    queue = QUEUE.replace("111122223333", OTHER)
    decision = ask(Policies(identity=(policy(),), resource=rules), caller=ROLE, resource=queue)
    assert decision.missing is Layer.RESOURCE
    assert decision.nearest
    assert decision.nearest.statement.layer is Layer.RESOURCE


def test_a_condition_without_values_is_explained() -> None:
    decision = ask(Policies(identity=(policy({"Condition": {"StringEquals": {"aws:SourceIp": []}}}),)))
    assert "wants nothing" in decision.explain()
