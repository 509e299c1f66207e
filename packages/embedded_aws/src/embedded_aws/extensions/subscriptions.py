"""Stock moto hands what is published to every queue and function; SNS asks the policy of each.

A subscription by mail waits until its owner confirms it. No mail is sent here, so it waits for ever.
https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.sns.models import Subscription
from moto.sns.responses import SNSResponse

from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import queue_use
from embedded_aws.extensions import Server, replace
from iam_evaluation import Caller

PRINCIPAL = Caller.service("sns.amazonaws.com")
BY_MAIL = ("email", "email-json")
# What SNS calls a subscription that waits, in the answer of Subscribe and in lists.
PENDING, PENDING_IN_LISTS = "pending confirmation", "PendingConfirmation"
ACTIONS = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction"}


def install(server: Server) -> None:
    """Extend moto's topics."""

    def publish(stock: Callable[..., None], subscription: Subscription, *args: Any, **named: Any) -> None:
        if not _waits(subscription) and _may_reach(server, subscription):
            stock(subscription, *args, **named)

    replace(Subscription, "publish", publish)
    replace(SNSResponse, "subscribe", _subscribe)
    for name in ("list_subscriptions", "list_subscriptions_by_topic"):
        replace(SNSResponse, name, _list)


def _waits(subscription: Subscription) -> bool:
    return subscription.protocol in BY_MAIL


def _subscribe(stock: Callable[[SNSResponse], ActionResult], response: SNSResponse) -> ActionResult:
    answer = stock(response)
    asked_for_it = str(response._get_param("ReturnSubscriptionArn")).lower() == "true"
    if response._get_param("Protocol") in BY_MAIL and not asked_for_it:
        return ActionResult({"SubscriptionArn": PENDING})
    return answer


def _list(stock: Callable[[SNSResponse], ActionResult], response: SNSResponse) -> ActionResult:
    answer: Any = stock(response)._result
    shown = [_shown(one) if _waits(one) else one for one in answer["Subscriptions"]]
    return ActionResult(answer | {"Subscriptions": shown})


def _shown(subscription: Subscription) -> dict[str, str]:
    return {
        "SubscriptionArn": PENDING_IN_LISTS,
        "Owner": subscription.owner,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": subscription.topic_arn,
    }


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
