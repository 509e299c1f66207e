"""The ledger's health as a metric: a schedule asks the health function, whose log a metric filter reads.

Source: CloudWatch Logs user guide, "Creating metrics from log events using filters".
"""

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import CloudwatchEventTarget
from cdktf_cdktf_provider_aws.cloudwatch_log_metric_filter import (
    CloudwatchLogMetricFilter,
    CloudwatchLogMetricFilterMetricTransformation,
)
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from constructs import Construct

from modules.functions.function import Function

NAMESPACE, METRIC, DIMENSION = "BlueGreen/Ledger", "Healthy", "FunctionName"
VERIFIED = "SecondsSinceVerification"
EVERY = "rate(1 minute)"


class Watch(Construct):
    """Publishes once a minute whether the ledger is open and every guard passes: 1, or 0; and how long ago
    the last verification of it ended. The same schedule continues a verification, some seconds a minute.

    `rule`: the schedule, whose failures have to be watched.
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, health: Function) -> None:
        super().__init__(scope, id_)
        self.rule = CloudwatchEventRule(
            self,
            "schedule",
            name=name,
            description="Asks whether the ledger is healthy",
            schedule_expression=EVERY,
            tags={"Name": name},
        )
        permission = LambdaPermission(
            self,
            "permission",
            function_name=health.function.function_name,
            action="lambda:InvokeFunction",
            principal="events.amazonaws.com",
            # Alone: with a source account EventBridge's calls are refused (its guide, "Troubleshooting").
            source_arn=self.rule.arn,
        )
        for part, action in (("target", "status"), ("verification", "verify")):
            CloudwatchEventTarget(
                self,
                part,
                rule=self.rule.name,
                target_id="health" if action == "status" else action,
                arn=health.function.arn,
                input=json.dumps({"action": action}),
                depends_on=[permission, *health.reach],
            )
        for part, filter_name, field, metric in (
            ("metric", name, "ledger_healthy", METRIC),
            ("verified", f"{name}-verified", "ledger_verified_seconds", VERIFIED),
        ):
            CloudwatchLogMetricFilter(
                self,
                part,
                name=filter_name,
                log_group_name=health.logs.name,
                pattern=f"{{ $.{field} >= 0 }}",
                metric_transformation=CloudwatchLogMetricFilterMetricTransformation(
                    namespace=NAMESPACE,
                    name=metric,
                    value=f"$.{field}",
                    dimensions={DIMENSION: "$.function"},
                ),
            )
