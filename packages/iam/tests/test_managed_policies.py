"""AWS's own managed policies are valid. moto has a copy of them: about 1,500 documents."""

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from iam_evaluation import parse_policy

pytestmark = pytest.mark.integration  # it takes its time


def test_every_managed_policy_is_valid() -> None:
    documents = {name: entry["Document"] for name, entry in json.loads(aws_managed_policies_data).items()}
    assert len(documents) > 1000
    for name, document in documents.items():
        policy = parse_policy(document, name=name)
        statements = document["Statement"]  # a list, or one statement alone
        assert len(policy.statements) == (len(statements) if isinstance(statements, list) else 1)
