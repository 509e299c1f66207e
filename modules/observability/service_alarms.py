"""What clients of one colour feel, as the load balancer measures it at that colour's targets.

Source: Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer".
"""

from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup

from modules.config import Deployment
from modules.observability.alarm import Alarm, Math, Metric

NAMESPACE = "AWS/ApplicationELB"


def service_alarms(deployment: Deployment, balancer: Lb, targets: LbTargetGroup) -> list[Alarm]:
    """The alarms on one target group. The inactive colour has no requests, which is no failure."""
    return [*_requests(deployment, balancer, targets), *_hosts(deployment, balancer, targets)]


def requests(balancer: Lb, targets: LbTargetGroup) -> Metric:
    """How many requests that target group got in a minute."""
    return _metric(balancer, targets, "RequestCount", "Sum")


def _requests(deployment: Deployment, balancer: Lb, targets: LbTargetGroup) -> list[Alarm]:
    limits = deployment.monitoring
    return [
        Alarm(
            name="response-time",
            measure=_metric(balancer, targets, "TargetResponseTime", "p99"),
            threshold=limits.response_time_seconds,
            unit="Seconds",
            datapoints=3,
            periods=5,
            what="One request of a hundred takes longer than clients bear.",
            fix="Compare with this colour's database latency; if it began with a shift, roll back.",
            section="Service",
        ),
        Alarm(
            name="server-errors",
            measure=Math(
                expression="100 * FILL(errors, 0) / requests",
                label="Share of answers with status 5xx",
                metrics={
                    "errors": _metric(balancer, targets, "HTTPCode_Target_5XX_Count", "Sum"),
                    "requests": requests(balancer, targets),
                },
            ),
            threshold=limits.server_error_percent,
            unit="Percent",
            datapoints=3,
            periods=5,
            what="The service answers with status 5xx.",
            fix="Roll back if it began with a shift; then read the service's log.",
            section="Service",
        ),
    ]


def _hosts(deployment: Deployment, balancer: Lb, targets: LbTargetGroup) -> list[Alarm]:
    needed = deployment.switch.min_healthy_targets
    return [
        Alarm(
            name="unhealthy-hosts",
            measure=_metric(balancer, targets, "UnHealthyHostCount", "Maximum"),
            threshold=0,
            unit="Count",
            datapoints=3,
            periods=5,
            missing="breaching",
            what="A target fails its health check, or the load balancer has no targets to check.",
            fix="DescribeTargetHealth names target and reason; replace it if /health doesn't recover.",
            section="Service",
        ),
        Alarm(
            name="healthy-hosts",
            measure=_metric(balancer, targets, "HealthyHostCount", "Minimum"),
            rings="below",
            threshold=needed,
            unit="Count",
            datapoints=3,
            periods=3,
            missing="breaching",
            what=f"Fewer than the {needed} healthy targets that a colour needs to get traffic.",
            fix="If this colour serves, roll back to the other one; start more tasks.",
            section="Service",
        ),
    ]


def _metric(balancer: Lb, targets: LbTargetGroup, name: str, statistic: str) -> Metric:
    dimensions = {"LoadBalancer": balancer.arn_suffix, "TargetGroup": targets.arn_suffix}
    return Metric(namespace=NAMESPACE, name=name, dimensions=dimensions, statistic=statistic)
