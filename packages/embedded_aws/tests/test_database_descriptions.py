"""The extension `database_descriptions`."""

from typing import Any

import embedded_aws


def described(aws: embedded_aws.LocalAws) -> tuple[dict[str, Any], dict[str, Any]]:
    """A new provisioned cluster and its instance, as AWS describes them."""
    client = aws.client("rds")
    client.create_db_cluster(
        DBClusterIdentifier="plain", Engine="aurora-mysql", MasterUsername="a", ManageMasterUserPassword=True
    )
    client.create_db_instance(
        DBInstanceIdentifier="plain-1",
        DBClusterIdentifier="plain",
        DBInstanceClass="db.r6g.large",
        Engine="aurora-mysql",
    )
    (cluster,) = client.describe_db_clusters(DBClusterIdentifier="plain")["DBClusters"]
    (instance,) = client.describe_db_instances(DBInstanceIdentifier="plain-1")["DBInstances"]
    return dict(cluster), dict(instance)


def test_a_provisioned_cluster_does_not_scale_like_a_serverless_one(aws: embedded_aws.LocalAws) -> None:
    cluster, instance = described(aws)

    assert "ScalingConfigurationInfo" not in cluster
    assert instance["CACertificateIdentifier"] == "rds-ca-rsa2048-g1"


def test_stock_moto_still_describes_them_otherwise(stock: embedded_aws.LocalAws) -> None:
    cluster, instance = described(stock)

    assert "ScalingConfigurationInfo" in cluster
    assert instance["CACertificateIdentifier"] == "rds-ca-default"
