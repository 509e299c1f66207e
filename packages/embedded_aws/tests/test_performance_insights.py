"""The extension `performance_insights`."""

from typing import Any

import embedded_aws

KEY = f"arn:aws:kms:us-east-1:{embedded_aws.ACCOUNT_ID}:key/00000000-0000-4000-8000-000000000000"


def instance(aws: embedded_aws.LocalAws) -> dict[str, Any]:
    """A new Aurora instance with Performance Insights, as described afterwards."""
    client = aws.client("rds")
    client.create_db_cluster(
        DBClusterIdentifier="insights",
        Engine="aurora-mysql",
        MasterUsername="a",
        ManageMasterUserPassword=True,
    )
    client.create_db_instance(
        DBInstanceIdentifier="insights-1",
        DBClusterIdentifier="insights",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
        EnablePerformanceInsights=True,
        PerformanceInsightsKMSKeyId=KEY,
        PerformanceInsightsRetentionPeriod=7,
    )
    return described(aws)


def described(aws: embedded_aws.LocalAws) -> dict[str, Any]:
    (found,) = aws.client("rds").describe_db_instances(DBInstanceIdentifier="insights-1")["DBInstances"]
    return dict(found)


def test_an_instance_keeps_performance_insights(aws: embedded_aws.LocalAws) -> None:
    made = instance(aws)

    assert made["PerformanceInsightsEnabled"] is True
    assert made["PerformanceInsightsKMSKeyId"] == KEY
    assert made["PerformanceInsightsRetentionPeriod"] == 7

    aws.client("rds").modify_db_instance(
        DBInstanceIdentifier="insights-1", EnablePerformanceInsights=False, ApplyImmediately=True
    )
    assert described(aws)["PerformanceInsightsEnabled"] is False


def test_stock_moto_still_forgets_performance_insights(stock: embedded_aws.LocalAws) -> None:
    assert not instance(stock).get("PerformanceInsightsEnabled")
