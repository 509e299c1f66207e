"""Parameters of a cluster's group are taken out of it, as Terraform does where a configuration no longer has
them. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ResetDBClusterParameterGroup.html
"""

import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws
from moto.rds.responses import RDSResponse

pytestmark = pytest.mark.integration


def named(*names: str) -> list[dict[str, str]]:
    return [{"ParameterName": name, "ApplyMethod": "pending-reboot"} for name in names]


def test_named_parameters_or_all_are_reset(aws: LocalAws) -> None:
    rds, group = aws.client("rds"), {"DBClusterParameterGroupName": "reset"}
    rds.create_db_cluster_parameter_group(
        **group, DBParameterGroupFamily="aurora-mysql8.0", Description="of this test"
    )
    settings = [
        one | {"ParameterValue": "1"} for one in named("binlog_backup", "slow_query_log", "gtid-mode")
    ]
    rds.modify_db_cluster_parameter_group(**group, Parameters=settings)

    def left() -> set[str]:
        found = rds.describe_db_cluster_parameters(**group, Source="user")["Parameters"]
        return {one["ParameterName"] for one in found}

    assert left() == {"binlog_backup", "slow_query_log", "gtid-mode"}
    rds.reset_db_cluster_parameter_group(**group, Parameters=named("gtid-mode"))
    assert left() == {"binlog_backup", "slow_query_log"}
    rds.reset_db_cluster_parameter_group(**group, ResetAllParameters=True)
    assert left() == set()


def test_a_group_that_does_not_exist(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="DBParameterGroupNotFound"):
        aws.client("rds").reset_db_cluster_parameter_group(
            DBClusterParameterGroupName="none", ResetAllParameters=True
        )


def test_moto_lacks_it() -> None:
    assert not hasattr(RDSResponse, "reset_db_cluster_parameter_group")
