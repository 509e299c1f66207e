"""How many tasks a colour has: between floor and ceiling, by CPU, by requests and by the metrics that the
configuration names, whichever asks for most.

Source: Application Auto Scaling user guide, "Target tracking scaling policies" and "Scheduled scaling".
"""

from typing import Any

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecification,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensions,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_scheduled_action import (
    AppautoscalingScheduledAction,
    AppautoscalingScheduledActionScalableTargetAction,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from constructs import Construct

from modules.config.fargate import Fargate
from modules.config.scaling import ScalingMetric, ScalingSchedule

NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
# Out at once, in slowly: a task too many costs little, one too few costs payments.
SCALE_OUT_COOLDOWN_SECONDS = 60
SCALE_IN_COOLDOWN_SECONDS = 300


class Scaling(Construct):
    """Target tracking for the service `resource_id` (`service/<cluster>/<service>`).

    `requests_label` names load balancer and target group as ALBRequestCountPerTarget wants them:
    `app/<name>/<id>/targetgroup/<name>/<id>`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        resource_id: str,
        requests_label: str,
        settings: Fargate,
        colour: str,
    ) -> None:
        super().__init__(scope, id_)
        self._name = name
        self.target = AppautoscalingTarget(
            self,
            "target",
            service_namespace=NAMESPACE,
            scalable_dimension=DIMENSION,
            resource_id=resource_id,
            min_capacity=settings.min_tasks,
            max_capacity=settings.max_tasks,
            # From creation on the bounds are the schedule's: an apply at noon keeps those of noon.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["min_capacity", "max_capacity"])
            if settings.scaling_schedules
            else None,
            tags={"Name": name, "Colour": colour},
        )
        self._track(
            "cpu",
            settings.cpu_target_percent,
            predefined_metric_specification=_predefined("ECSServiceAverageCPUUtilization"),
        )
        self._track(
            "requests",
            settings.requests_per_target,
            predefined_metric_specification=_predefined("ALBRequestCountPerTarget", requests_label),
        )
        for metric in settings.scaling_metrics:
            self._track(metric.name, metric.target, customized_metric_specification=_customized(metric))
        for schedule in settings.scaling_schedules:
            self._at(schedule)

    def _track(self, id_: str, value: float, **measured: Any) -> None:
        AppautoscalingPolicy(
            self,
            id_,
            name=f"{self._name}-{id_}",
            policy_type="TargetTrackingScaling",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            target_tracking_scaling_policy_configuration=AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                target_value=value,
                scale_out_cooldown=SCALE_OUT_COOLDOWN_SECONDS,
                scale_in_cooldown=SCALE_IN_COOLDOWN_SECONDS,
                **measured,
            ),
        )

    def _at(self, schedule: ScalingSchedule) -> None:
        AppautoscalingScheduledAction(
            self,
            f"schedule-{schedule.name}",
            name=f"{self._name}-{schedule.name}",
            service_namespace=self.target.service_namespace,
            scalable_dimension=self.target.scalable_dimension,
            resource_id=self.target.resource_id,
            schedule=schedule.schedule,
            timezone=schedule.timezone,
            scalable_target_action=AppautoscalingScheduledActionScalableTargetAction(
                min_capacity=str(schedule.min_tasks), max_capacity=str(schedule.max_tasks)
            ),
        )


def _predefined(
    metric: str, label: str | None = None
) -> AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification:
    return AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
        predefined_metric_type=metric, resource_label=label
    )


def _customized(
    metric: ScalingMetric,
) -> AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecification:
    dimensions = [
        AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationDimensions(
            name=name, value=value
        )
        for name, value in sorted(metric.dimensions.items())
    ]
    return AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecification(
        namespace=metric.namespace,
        metric_name=metric.metric,
        statistic=metric.statistic,
        dimensions=dimensions or None,
    )
