"""Queues and topics refuse requests without TLS."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from iam_evaluation import Caller
from policies._arns import Arns
from policies._evaluation import decided, parsed
from policies._policy import StackPolicy

# Type → its policy apart, the argument with the resource, and actions that carry messages.
_OF = {
    "aws_sns_topic": ("aws_sns_topic_policy", "arn", ("sns:Publish",)),
    "aws_sqs_queue": ("aws_sqs_queue_policy", "queue_url", ("sqs:ReceiveMessage", "sqs:SendMessage")),
}


class MessagesRequireTls(StackPolicy):
    policy = "CKV2_BG_446"
    title = "Each queue and topic refuses requests without TLS, and no others"
    requirement = None
    pci = "4.2.1"
    severity = "MEDIUM"
    yields = True
    why = "Events and alarms cross the network in plain text, or nobody can send and read them any more"
    fix = "deny the queue's or topic's actions to everybody on condition Bool aws:SecureTransport = false"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for type_, (apart, argument, actions) in _OF.items():
            for block in stack.resources(type_):
                owners = [*stack.users(block, argument, apart), *([block] if block.get("policy") else [])]
                if not owners:
                    yield block, "has no policy"
                for owner in owners:
                    yield from ((owner, what) for what in _wrong(owner, block, actions))


def _wrong(owner: Block, block: Block, actions: tuple[str, ...]) -> Iterator[str]:
    arns = block.stack.derived(Arns)
    try:
        own, caller = parsed(owner.get("policy"), block.stack), Caller.role(arns.role("any"))
        for action in actions:
            for is_encrypted in (False, True):
                context = {"aws:SecureTransport": is_encrypted}
                if decided(own, caller, action, arns.of(block), context).allowed is not is_encrypted:
                    how = "refuses" if is_encrypted else "allows"
                    yield f"{how} {action} {'with' if is_encrypted else 'without'} TLS"
    except ValueError as error:
        yield f"has a policy that can't be evaluated: {error}"


check = MessagesRequireTls()
