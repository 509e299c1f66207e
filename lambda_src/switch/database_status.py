"""In which status a database serves, by AWS's lists of status values. Any other status fails closed.

Backups, modifications and password resets leave a cluster serving, and the platform causes all three itself:
by its backup windows, by `terraform apply`, by the rotation of the administrator's password. A status that is
in neither list is one that this table doesn't know: it doesn't serve.

Sources: Amazon Aurora user guide, "Viewing DB cluster status" and "Viewing DB instance status in an Aurora
cluster". AWS says of `available`, `modifying`, `maintenance` and the configuring ones what is being done, of
the others that the database is inaccessible, stopped, failing over, or needs its owner.
"""

from __future__ import annotations

AVAILABLE = "available"

_BOTH = frozenset(
    {
        AVAILABLE,
        "backing-up",
        "maintenance",
        "modifying",
        "resetting-master-credentials",
        "storage-optimization",
    }
)
CLUSTER_SERVES = _BOTH | {"update-iam-db-auth"}
INSTANCE_SERVES = _BOTH | {
    "configuring-enhanced-monitoring",
    "configuring-iam-database-auth",
    "configuring-log-exports",
}
# Known, and refused: for the tests, and for who looks a status up. `renaming` changes the endpoint that the
# service connects to; `promoting` and `failing-over` have no writer for a while.
CLUSTER_REFUSED = frozenset(
    {
        "backtracking",
        "cloning-failed",
        "creating",
        "deleting",
        "failing-over",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "migrating",
        "migration-failed",
        "preparing-data-migration",
        "promoting",
        "renaming",
        "starting",
        "stopped",
        "stopping",
        "upgrading",
    }
)
INSTANCE_REFUSED = frozenset(
    {
        "backtracking",
        "converting-to-vpc",
        "creating",
        "delete-precheck",
        "deleting",
        "failed",
        "inaccessible-encryption-credentials",
        "inaccessible-encryption-credentials-recoverable",
        "incompatible-create",
        "incompatible-network",
        "incompatible-option-group",
        "incompatible-parameters",
        "incompatible-restore",
        "insufficient-capacity",
        "moving-to-vpc",
        "rebooting",
        "renaming",
        "restore-error",
        "starting",
        "stopped",
        "stopping",
        "storage-full",
        "upgrading",
    }
)
