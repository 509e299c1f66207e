"""The event rules of one owner, a colour or the shared rest: named alike, each to the topic."""

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from constructs import Construct

from modules.observability.events import Pattern, event_rule


class EventRules(Construct):
    """`rules` holds them in order."""

    def __init__(self, scope: Construct, id_: str, *, prefix: str, topic: SnsTopic) -> None:
        super().__init__(scope, id_)
        self._prefix, self._topic = prefix, topic
        self.rules: list[CloudwatchEventRule] = []

    def add(self, name: str, pattern: Pattern, description: str) -> CloudwatchEventRule:
        """Makes a rule called `<prefix>-<name>`."""
        rule = event_rule(
            self,
            name,
            name=f"{self._prefix}-{name}",
            description=description,
            pattern=pattern,
            topic_arn=self._topic.arn,
        )
        self.rules.append(rule)
        return rule
