"""What EventBridge hears of executions."""

import json
import uuid
from typing import Any

import pytest
from embedded_aws import LocalAws

from packages.embedded_aws.tests.machines import eventually, role_of_machines, run
from packages.embedded_aws.tests.roles import let_in

FAILS = {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "Refused", "Cause": "no"}}}


@pytest.mark.parametrize(("encrypted", "error"), [(False, "Refused"), (True, None)])
def test_events_of_an_encrypted_machine_carry_neither_error_nor_data(
    aws: LocalAws, encrypted: bool, error: str | None
) -> None:
    """Step Functions developer guide, "Data at rest encryption in Step Functions"."""
    name = f"m{uuid.uuid4().hex}"
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    encryption: Any = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": key}
    more = {"encryptionConfiguration": encryption} if encrypted else {}
    machine = aws.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(FAILS), roleArn=role_of_machines(aws), **more
    )["stateMachineArn"]
    queue = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    let_in(aws, arn["QueueArn"], "events.amazonaws.com")
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine], "status": ["FAILED"]}}
    aws.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
    aws.client("events").put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}])
    run(aws, machine, {"card": "4111"})

    (message,) = eventually(
        lambda: aws.client("sqs").receive_message(QueueUrl=queue).get("Messages"), "message"
    )
    detail = json.loads(message["Body"])["detail"]
    assert (detail["status"], detail["error"]) == ("FAILED", error)
    assert (detail["input"] is None) == encrypted
