"""Where the platform's events go: one encrypted topic. Subscriptions belong to the people who are paged."""

from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sns_topic_policy import SnsTopicPolicy
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import ALARMS, EVENTS, Encryption
from modules.foundation.iam import Statement, policy, tls_only


class Notifications(Construct):
    """An SNS topic under the platform's key; over TLS only."""

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        name = f"{deployment.prefix}-notifications"
        self.topic = SnsTopic(
            self, "topic", name=name, kms_master_key_id=encryption.key_arn, tags={"Name": name}
        )
        SnsTopicPolicy(
            self,
            "policy",
            arn=self.topic.arn,
            policy=policy(
                Statement(
                    sid="AlarmsOfThisAccount",
                    principals={"Service": ALARMS},
                    actions=["sns:Publish"],
                    resources=[self.topic.arn],
                    conditions={"StringEquals": {"aws:SourceAccount": deployment.account_id}},
                ),
                # EventBridge sends no key to a topic that a condition could be on. Source: EventBridge user
                # guide, "Using resource-based policies for Amazon EventBridge".
                Statement(
                    sid="EventsOfTheRules",
                    principals={"Service": EVENTS},
                    actions=["sns:Publish"],
                    resources=[self.topic.arn],
                ),
                tls_only(["sns:Publish"], self.topic.arn),
            ),
        )

    @property
    def topic_arn(self) -> str:
        """ARN of the topic (a token)."""
        return self.topic.arn
