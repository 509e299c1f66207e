"""What an encrypted resource needs of its key: the caller's use of it, through the service.

Source: each service's guide on encryption at rest: which actions, which encryption context. A service
principal that uses a topic or queue sends no `kms:ViaService`, as far as the guides say.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from embedded_aws.authorisation import held
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.context import ENCRYPTION_CONTEXT
from iam_evaluation import Caller
from iam_evaluation.requests import has_identity

GRANT = {"kms:GrantIsForAWSResource": True}
# Service → code of the answer to who may not use the key.
CODES = {
    "rds": "KMSKeyNotAccessibleFault",
    "ecr": "KmsException",
    "lambda": "KMSAccessDeniedException",
    "sns": "KMSAccessDenied",
    "sqs": "KMS.AccessDeniedException",
    "states": "KmsAccessDeniedException",
}


@dataclass(frozen=True)
class Use:
    """Actions on a key (any identifier of it) through a service. `pairs`: the encryption context."""

    key: str
    actions: tuple[str, ...]
    via: str
    pairs: tuple[tuple[str, str], ...] = ()


def checks(use: Use, caller: Caller, region: str, *, via: bool = True) -> Iterator[Check]:
    """Nothing for AWS's own keys, and for none. `via` False: the caller asks KMS by itself."""
    key = held.key(use.key, region)
    if key is None:
        return
    context: dict[str, Any] = {f"{ENCRYPTION_CONTEXT}{name}": value for name, value in use.pairs}
    if has_identity(caller):
        context["kms:CallerAccount"] = caller.account
        if via:
            context["kms:ViaService"] = f"{use.via}.{region}.amazonaws.com"
    for action in use.actions:
        granted = GRANT if action == "CreateGrant" else {}
        resource = "*" if action == "RetireGrant" else key.arn
        yield Check(caller, f"kms:{action}", resource, context | granted, code=CODES.get(use.via, ""))


def topic_use(arn: str, region: str) -> Iterable[Use]:
    """To publish to an encrypted topic. SNS developer guide, "Key management"."""
    sns = held.backend("sns", region)
    topic = sns.topics.get(arn) if sns else None
    if topic is not None and topic.kms_master_key_id:
        yield Use(
            topic.kms_master_key_id, ("GenerateDataKey", "Decrypt"), "sns", (("aws:sns:topicArn", arn),)
        )


def queue_use(name: str, region: str, *actions: str) -> Iterable[Use]:
    """SQS developer guide, "Key management"."""
    sqs = held.backend("sqs", region)
    queue = sqs.queues.get(name) if sqs else None
    if queue is not None and queue.kms_master_key_id:
        yield Use(queue.kms_master_key_id, actions, "sqs", (("aws:sqs:arn", queue.queue_arn),))


def machine_use(machine: Any, *actions: str) -> Iterable[Use]:
    """Step Functions developer guide, "Data at rest encryption"."""
    found = machine.encryptionConfiguration
    if found.get("kmsKeyId"):
        yield Use(found["kmsKeyId"], actions, "states", (("aws:states:stateMachineArn", machine.arn),))
