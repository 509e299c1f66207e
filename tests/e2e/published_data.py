"""Data as AWS would publish it of the applied platform: under what its resources are really called."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from embedded_aws import LocalAws

from tests.modules.published_metrics import OPERATIONS, PUBLISHED, ROLES

Dimensions = Mapping[str, str]


def identities(aws: LocalAws) -> Mapping[str, set[str]]:
    """Dimension → what the resources are called there, asked of the services themselves."""
    balancing, vaults = aws.client("elbv2"), aws.client("backup").list_backup_vaults()
    certificates = aws.client("acm").list_certificates()
    clusters = aws.client("rds").describe_db_clusters()
    balancers, groups = balancing.describe_load_balancers(), balancing.describe_target_groups()
    executing, containers = aws.client("stepfunctions"), aws.client("ecs")
    walls = aws.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]
    services = [
        service
        for cluster in containers.list_clusters()["clusterArns"]
        for service in containers.list_services(cluster=cluster)["serviceArns"]
    ]
    return {
        "ClusterName": _ends(containers.list_clusters()["clusterArns"], "/"),
        "Region": {aws.client("sns").meta.region_name},
        "Rule": {"ALL"},
        "ServiceName": _ends(services, "/"),
        "StateMachineArn": _all(executing.list_state_machines()["stateMachines"], "stateMachineArn"),
        "WebACL": _all(walls, "Name"),
        "BackupVaultName": _all(vaults["BackupVaultList"], "BackupVaultName"),
        "CertificateArn": _all(certificates["CertificateSummaryList"], "CertificateArn"),
        "DBClusterIdentifier": _all(clusters["DBClusters"], "DBClusterIdentifier"),
        "FunctionName": _all(aws.client("lambda").list_functions()["Functions"], "FunctionName"),
        "LoadBalancer": _ends(_all(balancers["LoadBalancers"], "LoadBalancerArn"), ":loadbalancer/"),
        "NatGatewayId": _all(aws.client("ec2").describe_nat_gateways()["NatGateways"], "NatGatewayId"),
        "Operation": OPERATIONS,
        "QueueName": _ends(aws.client("sqs").list_queues()["QueueUrls"], "/"),
        "Role": ROLES,
        "RuleName": _all(aws.client("events").list_rules()["Rules"], "Name"),
        "SecretId": _all(aws.client("secretsmanager").list_secrets()["SecretList"], "ARN"),
        "TableName": set(aws.client("dynamodb").list_tables()["TableNames"]),
        "TargetGroup": _ends(_all(groups["TargetGroups"], "TargetGroupArn"), ":", keep="targetgroup/"),
        "TopicName": _ends(_all(aws.client("sns").list_topics()["Topics"], "TopicArn"), ":"),
    }  # fmt: skip


def _all(items: Iterable[Mapping[str, Any]], key: str) -> set[str]:
    return {item[key] for item in items}


def _ends(names: Iterable[str], mark: str, *, keep: str = "") -> set[str]:
    """What comes after the last `mark`; it has to begin with `keep`."""
    ends = {name.rpartition(mark)[2] for name in names}
    assert all(end.startswith(keep) for end in ends)
    return ends


class Publisher:
    """Puts data into CloudWatch, at times and under names as AWS does; refuses what AWS never publishes."""

    def __init__(self, aws: LocalAws) -> None:
        self._client, self._known = aws.client("cloudwatch"), identities(aws)

    def publish(self, metric: Mapping[str, Any], value: float, at: datetime) -> None:
        """`metric`: MetricName, Namespace and Dimensions, as CloudWatch describes an alarm's."""
        named = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
        published = PUBLISHED[metric["Namespace"]][metric["MetricName"]]
        assert frozenset(named) in published.dimensions, metric
        for dimension, of in named.items():
            assert of in self._known[dimension], f"nothing is called {of} as {dimension}"
        datum = {key: metric[key] for key in ("MetricName", "Dimensions")}
        self._client.put_metric_data(
            Namespace=metric["Namespace"], MetricData=[{**datum, "Value": value, "Timestamp": at}]
        )

    def read(
        self, queries: Sequence[Mapping[str, Any]], start: datetime, period: int
    ) -> dict[str, float | None]:
        """The values of MetricStat queries in one period, by id; None where there is no data."""
        asked = [
            {"Id": query["Id"], "MetricStat": _known_statistic(query["MetricStat"])} for query in queries
        ]
        end = start + timedelta(seconds=period)
        found = self._client.get_metric_data(MetricDataQueries=asked, StartTime=start, EndTime=end)
        return {result["Id"]: next(iter(result["Values"]), None) for result in found["MetricDataResults"]}


def _known_statistic(stat: Mapping[str, Any]) -> dict[str, Any]:
    """Moto has no percentiles: of one value it is that value, which the maximum is, too."""
    return {**stat, "Stat": "Maximum"} if stat["Stat"].startswith("p") else dict(stat)


def queries(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an alarm measures, as GetMetricData takes it."""
    if "MetricName" not in alarm:
        return [query for query in alarm["Metrics"] if "MetricStat" in query]
    metric = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions")}
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    return [{"Id": "m", "MetricStat": {"Metric": metric, "Period": alarm["Period"], "Stat": statistic}}]


def measure(alarm: Mapping[str, Any], values: Mapping[str, float | None]) -> float | None:
    """The number that is compared with the threshold; None where there is none.

    Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics".
    """
    if "MetricName" in alarm:
        return values["m"]
    (expression,) = [query["Expression"] for query in alarm["Metrics"] if "Expression" in query]
    known: dict[str, Callable[..., float]] = {
        "FILL": lambda value, other: other if value is None else value,
        "SUM": sum,
    }
    try:
        return float(eval(expression, {"__builtins__": {}}, {**known, **values}))  # noqa: S307 - the platform's own
    except (TypeError, ZeroDivisionError):  # CloudWatch gives no value then, either
        return None


def rings(alarm: Mapping[str, Any], value: float | None) -> bool:
    """Whether one period with this value counts as breaching."""
    if value is None:
        return bool(alarm["TreatMissingData"] == "breaching")
    above = alarm["ComparisonOperator"] == "GreaterThanThreshold"
    threshold = float(alarm["Threshold"])
    return value > threshold if above else value < threshold
