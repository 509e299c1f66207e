"""Not everybody may send to, or read from, topics and queues."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies import _iam
from policies._policy import ResourcePolicy


class MessagesAreLimited(ResourcePolicy):
    policy = "CKV_BG_245"
    title = "No policy of a topic, queue or registry admits everybody"
    requirement = None
    pci = "7.3.3"
    profiles = ("general",)
    severity = "HIGH"
    why = "Anybody may send false alarms, read what the functions could not handle, or pull the images"
    fix = "name the Principal, or add a Condition on aws:SourceAccount or aws:PrincipalOrgID"
    types = (
        "aws_ecr_repository_policy",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_sqs_queue",
        "aws_sqs_queue_policy",
    )

    def defects(self, resource: Block) -> Iterator[str]:
        for statement in _iam.statements(resource.get("policy")):
            if _iam.is_open(statement, resource.stack):
                yield f"statement {statement.get('Sid', 'without Sid')} admits everybody"


check = MessagesAreLimited()
