"""The age of a secret as a metric: Secrets Manager publishes none (R04, R05).

A schedule asks the rotation function, which writes the age to its log; a metric filter makes a metric of it.
That takes no call that the function's role or network would not allow anyway. Source: CloudWatch Logs user
guide, "Creating metrics from log events using filters".
"""

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.cloudwatch_log_metric_filter import (
    CloudwatchLogMetricFilter,
    CloudwatchLogMetricFilterMetricTransformation,
)
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from constructs import Construct

from modules.config import Deployment
from modules.functions.function import Function

NAMESPACE, METRIC, DIMENSION = "BlueGreen/Secrets", "AgeDays", "SecretId"
EVERY = "rate(1 hour)"


class SecretAge(Construct):
    """Publishes the age in days of the secret that `rotation` rotates, once an hour.

    `rule`: the schedule, whose failures need an alarm.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        colour: str,
        secret: SecretsmanagerSecret,
        rotation: Function,
    ) -> None:
        super().__init__(scope, id_)
        name = f"{deployment.prefix}-{colour}-secret-age"
        self.rule = CloudwatchEventRule(
            self,
            "schedule",
            name=name,
            description=f"Asks how old the {colour} credentials are",
            schedule_expression=EVERY,
            tags={"Name": name, "Colour": colour},
        )
        permission = LambdaPermission(
            self,
            "permission",
            function_name=rotation.function.function_name,
            action="lambda:InvokeFunction",
            principal="events.amazonaws.com",
            # Alone: with a source account EventBridge's calls are refused (its guide, "Troubleshooting").
            source_arn=self.rule.arn,
        )
        CloudwatchEventTarget(
            self,
            "target",
            rule=self.rule.name,
            target_id="rotation",
            arn=rotation.function.arn,
            input=json.dumps({"Step": "reportAge", "SecretId": secret.arn}),
            depends_on=[permission, *rotation.reach],
        )
        CloudwatchLogMetricFilter(
            self,
            "metric",
            name=name,
            log_group_name=rotation.logs.name,
            pattern="{ $.age_days >= 0 }",
            metric_transformation=CloudwatchLogMetricFilterMetricTransformation(
                namespace=NAMESPACE,
                name=METRIC,
                value="$.age_days",
                dimensions={DIMENSION: "$.secret"},
            ),
        )
