"""Which services use a key in their own name, or in that of a role, for what is not data at rest alone.

Each question: who asks, for which action, with which context, and how a finding calls it.
"""

from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Stack

from iam_evaluation import Caller
from policies._arns import Arns

Question = tuple[Caller, str, dict[str, Any], str]
DATA_KEYS = ("kms:Decrypt", "kms:GenerateDataKey")
_TARGET, _MACHINE, _QUEUE = "aws_cloudwatch_event_target", "aws_sfn_state_machine", "aws_sqs_queue"
_STORAGE = "configuration.managed_storage_configuration.fargate_ephemeral_storage_kms_key_id"


def questions(key: Block, stack: Stack) -> Iterator[Question]:
    """Those of event rules, executions and tasks."""
    arns = stack.derived(Arns)
    yield from _queues(key, stack, arns)
    yield from _executions(key, stack, arns)
    yield from _tasks(key, stack, arns)


def _known(block: Block) -> bool:
    return "${" not in block.called


def _queues(key: Block, stack: Stack, arns: Arns) -> Iterator[Question]:
    """Events for encrypted queues, dead letters among them. Source: EventBridge user guide, "Using
    dead-letter queues"; SQS developer guide, "Key management", with the rule in aws:SourceArn.
    """
    events = Caller.service("events.amazonaws.com")
    for queue in stack.users(key, "kms_master_key_id", _QUEUE):
        for target in stack.resources(_TARGET):
            aimed = [
                *target.refers("arn", "aws_sqs_queue"),
                *target.refers("dead_letter_config.arn", "aws_sqs_queue"),
            ]
            for rule in target.refers("rule", "aws_cloudwatch_event_rule") if queue in aimed else ():
                if _known(rule):
                    context = {"aws:SourceArn": arns.named("events", f"rule/{rule.called}")}
                    for action in DATA_KEYS:
                        yield events, action, context, f"events.amazonaws.com for {queue.address}"


def _executions(key: Block, stack: Stack, arns: Arns) -> Iterator[Question]:
    """Source: Step Functions developer guide, "Data at rest encryption": the role without kms:ViaService."""
    for machine in stack.users(key, "encryption_configuration.kms_key_id", _MACHINE):
        roles = machine.refers("role_arn", "aws_iam_role")
        if not roles or not _known(machine):
            continue
        role, own = Caller.role(arns.of(roles[0])), {"kms:CallerAccount": arns.account}
        machine_arn = arns.named("states", f"stateMachine:{machine.called}")
        context = own | {"kms:EncryptionContext:aws:states:stateMachineArn": machine_arn}
        for action in DATA_KEYS:
            yield role, action, context, f"{roles[0].address} for executions of {machine.address}"
        if machine.get("logging_configuration.log_destination"):
            source = {"kms:EncryptionContext:SourceArn": arns.named("logs", "*")}
            what = f"the logs of {machine.address}"
            yield role, "kms:GenerateDataKey", own | source, f"{roles[0].address} for {what}"
            delivery = Caller.service("delivery.logs.amazonaws.com")
            yield delivery, "kms:Decrypt", source, f"delivery.logs.amazonaws.com for {what}"


def _tasks(key: Block, stack: Stack, arns: Arns) -> Iterator[Question]:
    """Source: ECS developer guide, "Managing AWS KMS encryption keys for Fargate ephemeral storage"."""
    fargate = Caller.service("fargate.amazonaws.com")
    for cluster in stack.users(key, _STORAGE, "aws_ecs_cluster"):
        if not _known(cluster):
            continue
        context = {
            "kms:EncryptionContext:aws:ecs:clusterAccount": arns.account,
            "kms:EncryptionContext:aws:ecs:clusterName": cluster.called,
        }
        what = f"fargate.amazonaws.com for {cluster.address}"
        yield fargate, "kms:GenerateDataKeyWithoutPlaintext", context, what
        yield fargate, "kms:CreateGrant", context | {"kms:GrantOperations": ["Decrypt"]}, what
