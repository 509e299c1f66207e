"""How many tasks a colour has: between floor and ceiling, by CPU and by requests, whichever asks for more.

Source: Application Auto Scaling user guide, "Target tracking scaling policies".
"""

from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from constructs import Construct

from modules.config.fargate import Fargate

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
            tags={"Name": name, "Colour": colour},
        )
        self._track("cpu", "ECSServiceAverageCPUUtilization", settings.cpu_target_percent)
        self._track("requests", "ALBRequestCountPerTarget", settings.requests_per_target, requests_label)

    def _track(self, id_: str, metric: str, value: float, label: str | None = None) -> None:
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
                predefined_metric_specification=AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification(
                    predefined_metric_type=metric, resource_label=label
                ),
            ),
        )
