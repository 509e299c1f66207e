"""CloudWatch may publish to the topics of the alarms, and use their keys."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from iam_evaluation import Caller, Kind
from policies._arns import Arns
from policies._evaluation import decided, decided_of_key, parsed
from policies._keys import KEYS
from policies._policy import StackPolicy

ALARMS = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
TOPIC, POLICY = "aws_sns_topic", "aws_sns_topic_policy"
CLOUDWATCH = "cloudwatch.amazonaws.com"
# SNS developer guide, "Managing encryption keys and costs": what a publishing service needs.
OF_THE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


class AlarmsReachTheirTopic(StackPolicy):
    policy = "CKV2_BG_401"
    title = "The policy and the key of each topic that alarms notify let CloudWatch publish"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    needs_account = True
    why = "The alarm rings, CloudWatch may not publish, and no one on call is notified"
    fix = (
        "allow cloudwatch.amazonaws.com sns:Publish on the topic, and kms:Decrypt and kms:GenerateDataKey* "
        "on its key, on condition of the account"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        topics: dict[str, tuple[Block, Block]] = {}
        for alarm in stack.resources(*ALARMS):
            for topic in alarm.refers("alarm_actions", TOPIC):
                topics.setdefault(topic.key, (topic, alarm))
        for topic, alarm in topics.values():
            yield from _publishing(topic, alarm)
            yield from _encrypting(topic, alarm)


def _publishing(topic: Block, alarm: Block) -> Iterator[tuple[Block, str]]:
    apart = list(topic.stack.users(topic, "arn", POLICY))
    for owner in apart or ([topic] if topic.get("policy") else []):
        if refused := _refused(owner.get("policy"), Kind.RESOURCE, "sns:Publish", topic, alarm):
            yield owner, f"does not let CloudWatch publish: {refused}"


def _encrypting(topic: Block, alarm: Block) -> Iterator[tuple[Block, str]]:
    named = topic.refers("kms_master_key_id", *KEYS)
    keys = [key for found in named for key in (found.refers("target_key_id", *KEYS) or [found])]
    for key in keys:
        apart = list(topic.stack.users(key, "key_id", "aws_kms_key_policy"))
        for owner in apart or [key]:
            document = owner.get("policy")
            answers = [_refused(document, Kind.KEY, action, topic, alarm, key) for action in OF_THE_KEY]
            refused = [answer for answer in answers if answer and document]
            if refused:
                yield owner, f"does not let CloudWatch use the key for {topic.address}: {refused[0]}"


def _refused(  # noqa: PLR0917 - what a request consists of
    document: object, kind: Kind, action: str, topic: Block, alarm: Block, on: Block | None = None
) -> str:
    """Why CloudWatch may not do it; nothing where it may. Keys: CloudWatch user guide, "Setting up SNS"."""
    arns = topic.stack.derived(Arns)
    context = {
        "aws:SourceArn": arns.of(alarm),
        "aws:SourceAccount": arns.account,
        "kms:EncryptionContext:aws:sns:topicArn": arns.of(topic),
    }
    try:
        own = parsed(document, topic.stack, kind)
        caller = Caller.service(CLOUDWATCH)
        if on is None:
            decision = decided(own, caller, action, arns.of(topic), context)
        else:
            decision = decided_of_key(own, caller, action, arns.of(on), context, arns.account)
    except ValueError as error:
        return str(error)
    return "" if decision.allowed else f"{action} is {decision.explain().splitlines()[0]}"


check = AlarmsReachTheirTopic()
