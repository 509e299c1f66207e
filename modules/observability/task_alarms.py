"""What runs a colour: too few tasks, or tasks that are too busy.

Sources: Amazon ECS developer guide, "Amazon ECS CloudWatch metrics"; CloudWatch user guide, "Amazon ECS
Container Insights metrics".
"""

from modules.compute import FargateService
from modules.config import Deployment
from modules.observability.alarm import Alarm, Math, Metric

INSIGHTS = "ECS/ContainerInsights"


def task_alarms(deployment: Deployment, fargate: FargateService) -> list[Alarm]:
    """Auto scaling acts long before these: they ring when it can't, or when nothing starts."""
    limits = deployment.monitoring
    return [
        _missing(fargate),
        _busy(
            fargate,
            name="service-cpu",
            metric="CPUUtilization",
            threshold=limits.cpu_percent,
            what="The tasks are short of CPU, and auto scaling has not helped.",
            fix="See whether max_tasks is reached, and whether requests or the code have changed.",
        ),
        _busy(
            fargate,
            name="service-memory",
            metric="MemoryUtilization",
            threshold=limits.service_memory_percent,
            what="The tasks are short of memory; one that runs out of it is killed.",
            fix="Compare with the last deployment: a leak grows, a size that is too small doesn't.",
        ),
    ]


def _missing(fargate: FargateService) -> Alarm:
    desired, running = (_metric(fargate, INSIGHTS, f"{kind}TaskCount") for kind in ("Desired", "Running"))
    return Alarm(
        name="missing-tasks",
        measure=Math(
            expression="desired - FILL(running, 0)",
            label="Tasks that should run and don't",
            metrics={"desired": desired, "running": running},
        ),
        threshold=0,
        unit="Count",
        datapoints=10,
        periods=10,
        missing="breaching",
        what="Fewer tasks run than should, for ten minutes: they don't start, or don't stay.",
        fix="The service's events and the stopped tasks' reasons say why: image, secret, health check.",
        section="Service",
    )


def _busy(fargate: FargateService, *, name: str, metric: str, threshold: float, what: str, fix: str) -> Alarm:
    return Alarm(
        name=name,
        measure=_metric(fargate, "AWS/ECS", metric),
        threshold=threshold,
        unit="Percent",
        datapoints=5,
        periods=10,
        what=what,
        fix=fix,
        section="Service",
    )


def _metric(fargate: FargateService, namespace: str, name: str) -> Metric:
    dimensions = {"ClusterName": fargate.cluster.name, "ServiceName": fargate.service.name}
    return Metric(namespace=namespace, name=name, dimensions=dimensions, statistic="Average")
