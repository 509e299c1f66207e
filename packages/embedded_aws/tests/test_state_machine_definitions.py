"""Definitions are checked as the AWS provider wants it before it plans."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws

GOOD: dict[str, Any] = {
    "StartAt": "Choose",
    "States": {
        "Choose": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.a", "BooleanEquals": True, "Next": "Done"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


def validate(aws: LocalAws, definition: str) -> dict[str, Any]:
    answer: dict[str, Any] = aws.client("stepfunctions").validate_state_machine_definition(
        definition=definition
    )
    return answer


def test_a_good_definition_is_ok(aws: LocalAws) -> None:
    answer = validate(aws, json.dumps(GOOD))

    assert (answer["result"], answer["diagnostics"], answer["truncated"]) == ("OK", [], False)


@pytest.mark.parametrize(
    "text", ["{", '{"StartAt": "A"}', '{"StartAt": "A", "States": {"A": {"Type": "B"}}}']
)
def test_what_is_no_definition_fails(aws: LocalAws, text: str) -> None:
    answer = validate(aws, text)

    assert answer["result"] == "FAIL"
    assert {d["severity"] for d in answer["diagnostics"]} == {"ERROR"}


def test_a_transition_to_nowhere_is_named(aws: LocalAws) -> None:
    definition = json.loads(json.dumps(GOOD))
    definition["States"]["Choose"]["Choices"][0]["Next"] = "Nowhere"
    definition["StartAt"] = "Somewhere"
    found = validate(aws, json.dumps(definition))["diagnostics"]

    assert {(d["code"], d["location"]) for d in found} == {
        ("MISSING_TRANSITION_TARGET", "/StartAt"),
        ("MISSING_TRANSITION_TARGET", "/States/Choose/Choices[0]/Next"),
    }
    assert "Nowhere" in str(found)


def test_stock_moto_still_cannot_validate(stock: LocalAws) -> None:
    with pytest.raises(ClientError) as refused:
        validate(stock, json.dumps(GOOD))
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
