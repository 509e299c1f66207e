"""The extension `database_windows`."""

from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError

BACKUP, MET, APART = "03:00-04:00", "sun:03:30-sun:04:30", "sun:05:00-sun:06:00"
REFUSED = r"\(InvalidParameterValue\).*backup window and maintenance window must not overlap"


def create(aws: embedded_aws.LocalAws, name: str, maintenance: str) -> dict[str, Any]:
    settings = {"Engine": "aurora-mysql", "MasterUsername": "a", "ManageMasterUserPassword": True}
    windows = {"PreferredBackupWindow": BACKUP, "PreferredMaintenanceWindow": maintenance}
    created = aws.client("rds").create_db_cluster(DBClusterIdentifier=name, **settings, **windows)
    return dict(created["DBCluster"])


def windows(aws: embedded_aws.LocalAws, name: str) -> tuple[str, str]:
    (found,) = aws.client("rds").describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    return found["PreferredBackupWindow"], found["PreferredMaintenanceWindow"]


def test_windows_that_meet_are_refused(aws: embedded_aws.LocalAws) -> None:
    with pytest.raises(ClientError, match=REFUSED):
        create(aws, "meets", MET)
    create(aws, "apart", APART)
    change = aws.client("rds").modify_db_cluster
    for changes in ({"PreferredMaintenanceWindow": MET}, {"PreferredBackupWindow": "05:30-06:00"}):
        with pytest.raises(ClientError, match=REFUSED):
            change(DBClusterIdentifier="apart", **changes)
    assert windows(aws, "apart") == (BACKUP, APART)
    change(DBClusterIdentifier="apart", PreferredMaintenanceWindow=MET, PreferredBackupWindow="05:00-06:00")
    assert windows(aws, "apart") == ("05:00-06:00", MET)


def test_stock_moto_still_accepts_them(stock: embedded_aws.LocalAws) -> None:
    assert create(stock, "meets", MET)["PreferredMaintenanceWindow"] == MET
