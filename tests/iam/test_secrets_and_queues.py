"""Who writes and administers the secrets, and that queues take messages over TLS only."""

import pytest

from iam_evaluation import Caller, Policies, Request, evaluate
from tests.iam.stack_decisions import arn, document, everything
from tests.stack_reader import Resource, Stack

DEPLOYER = "arn:aws:iam::123456789012:role/deployers/payments-production-apply"
OTHER = "arn:aws:iam::123456789012:role/other"
COLOURS = ("blue", "green")


def may(stack: Stack, policy: Resource, caller: str, action: str, on: str, *, tls: bool = True) -> bool:
    """Whether a role whose own policies allow everything may."""
    request = Request(Caller.role(caller), action, on, {"aws:SecureTransport": tls})
    return evaluate(request, Policies(identity=(everything(),), resource=(document(stack, policy),))).allowed


@pytest.mark.parametrize("colour", COLOURS)
def test_only_the_rotation_writes_the_secret(stack: Stack, colour: str) -> None:
    policy = stack.at(f"{colour}-credentials/policy")
    secret = arn(stack.at(f"{colour}-credentials/secret"))
    rotation = arn(stack.at(f"{colour}-credentials/rotation/role"))
    application = arn(stack.at(f"{colour}/role"))

    assert may(stack, policy, rotation, "secretsmanager:PutSecretValue", secret)
    assert may(stack, policy, rotation, "secretsmanager:UpdateSecretVersionStage", secret)
    for role in (OTHER, DEPLOYER, application):
        assert not may(stack, policy, role, "secretsmanager:PutSecretValue", secret)


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize(
    "action",
    ["DeleteSecret", "PutResourcePolicy", "DeleteResourcePolicy", "RotateSecret", "CancelRotateSecret"],
)
def test_only_the_deploying_role_administers_it(stacks: dict[str, Stack], colour: str, action: str) -> None:
    stack = stacks["production"]
    policy = stack.at(f"{colour}-credentials/policy")
    secret = arn(stack.at(f"{colour}-credentials/secret"))
    assert may(stack, policy, DEPLOYER, f"secretsmanager:{action}", secret)
    assert not may(stack, policy, OTHER, f"secretsmanager:{action}", secret)


def test_every_queue_takes_messages_over_tls_only(stack: Stack) -> None:
    policies = {stack.named(one["queue_url"]): one for one in stack.all("aws_sqs_queue_policy")}
    queues = stack.all("aws_sqs_queue")
    assert len(queues) == 8
    for queue in queues:
        for action in ("sqs:SendMessage", "sqs:ReceiveMessage"):
            assert may(stack, policies[queue], OTHER, action, arn(queue))
            assert not may(stack, policies[queue], OTHER, action, arn(queue), tls=False)
