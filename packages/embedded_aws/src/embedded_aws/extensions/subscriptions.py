"""Stock moto hands what is published to every queue and function; SNS asks the policy of each.

https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
"""

from collections.abc import Callable
from typing import Any

from moto.sns.models import Subscription

from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import queue_use
from embedded_aws.extensions import Server, replace
from iam_evaluation import Caller

PRINCIPAL = Caller.service("sns.amazonaws.com")
ACTIONS = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction"}


def install(server: Server) -> None:
    """Extend moto's topics."""

    def publish(stock: Callable[..., None], subscription: Subscription, *args: Any, **named: Any) -> None:
        if _may_reach(server, subscription):
            stock(subscription, *args, **named)

    replace(Subscription, "publish", publish)


def _may_reach(server: Server, subscription: Subscription) -> bool:
    action = ACTIONS.get(subscription.protocol)
    if action is None:
        return True
    operation = f"delivery of {subscription.topic_arn}"
    context = {"aws:SourceArn": subscription.topic_arn, "aws:SecureTransport": True}
    if not server.authority.allows(Check(PRINCIPAL, action, subscription.endpoint, context), operation):
        return False
    if subscription.protocol != "sqs":
        return True
    region, name = subscription.endpoint.split(":")[3], subscription.endpoint.rpartition(":")[2]
    uses = queue_use(name, region, "GenerateDataKey", "Decrypt")
    return all(server.authority.allows_use(use, PRINCIPAL, region, operation) for use in uses)
