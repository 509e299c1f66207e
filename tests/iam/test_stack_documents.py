"""The stack's own policy documents: each is valid, and decided as an independent evaluator decides them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from iam_evaluation import parse_policy
from packages.iam.tests.cases import ask_oracle, outcome
from packages.iam.tests.known_differences import KNOWN
from tests.iam.stack_policies import cases, documents
from tests.stack_reader import Stack


def test_every_document_is_valid(stack: Stack) -> None:
    parsed = [
        parse_policy(json.dumps(document), name=resource.path, kind=kind)
        for resource, kind, document in documents(stack)
    ]
    assert len(parsed) > 30
    assert all(policy.statements for policy in parsed)


@pytest.mark.integration
@pytest.mark.sampled(6)
def test_the_oracle_decides_them_alike(stack: Stack, tmp_path: Path) -> None:
    asked = [case for case in cases(stack) if not any(known.concerns(case) for known in KNOWN)]
    answers = ask_oracle(asked, tmp_path)
    usable = [(case, answer) for case, answer in zip(asked, answers, strict=True) if "refused" not in answer]
    decided = [(case, case.decide(), answer) for case, answer in usable]
    different = [
        f"oracle: {answer}; here: {decision.explain()}; {case}"
        for case, decision, answer in decided
        if outcome(decision) != answer
    ]
    assert different == []
    counts = Counter(answer for _, answer in usable)
    assert counts["Allowed"] > 100
    assert counts["ExplicitlyDenied"] > 10
    assert len(usable) > 0.8 * len(
        asked
    )  # the others have keys that the oracle's data don't know for the action
