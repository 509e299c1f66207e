"""AWS changes some values by itself. A second plan, by the role that plans, does not change them back."""

from collections.abc import Iterator
from contextlib import contextmanager

import embedded_aws
import pytest

from bluegreen.permissions.recording import READS, load, rows_of
from bluegreen.terraform import Terraform
from tests.e2e.platform import Platform
from tests.e2e.test_permissions import denied
from tools.permissions.lifecycle import missing

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]
CLUSTER = "payments-local-green"


@contextmanager
def taken_over_by_aws_backup(platform: Platform) -> Iterator[None]:
    """A continuous backup sets retention and window of the cluster (AWS Backup developer guide, "Continuous
    backups and point-in-time recovery (PITR)").
    """
    rds = platform.aws.client("rds")
    (before,) = rds.describe_db_clusters(DBClusterIdentifier=CLUSTER)["DBClusters"]
    rds.modify_db_cluster(
        DBClusterIdentifier=CLUSTER,
        BackupRetentionPeriod=14,
        PreferredBackupWindow="09:00-09:30",
        ApplyImmediately=True,
    )
    try:
        yield
    finally:
        rds.modify_db_cluster(
            DBClusterIdentifier=CLUSTER,
            BackupRetentionPeriod=before["BackupRetentionPeriod"],
            PreferredBackupWindow=before["PreferredBackupWindow"],
            ApplyImmediately=True,
        )


def test_it_is_empty(platform: Platform) -> None:
    (listener,) = platform.elbv2.describe_listeners(ListenerArns=[platform.listener])["Listeners"]
    forward = listener["DefaultActions"][0]["ForwardConfig"]
    assert forward["TargetGroupStickinessConfig"] == {"Enabled": False}
    with taken_over_by_aws_backup(platform):
        plan = Terraform(platform.stack.parent, platform.acting("plan", "plans").environment()).plan()
    assert plan.changes == ()  # outputs follow the switch
    found = rows_of(embedded_aws.needs(platform.aws), platform.scope, {"plans": READS})
    assert missing(found, [row for row in load() if READS in row.phases]) == []
    assert denied(platform.aws, "payments-local-plan/plans") == []
