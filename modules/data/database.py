"""One colour's database: an Aurora MySQL cluster (R15-R24)."""

from collections.abc import Sequence

from cdktf import ITerraformDependable, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster, RdsClusterServerlessv2ScalingConfiguration
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import (
    RdsClusterParameterGroup,
    RdsClusterParameterGroupParameter,
)
from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.logs import log_group
from modules.foundation.waivers import waive
from modules.network.security_groups import allow, security_group
from modules.network.vpc import Network

PORT = 3306
NAME = "payments"
ADMINISTRATOR = "administrator"
# Of a new cluster's first password, which nothing stores: RDS takes 8 to 41 characters (API reference,
# CreateDBCluster).
PASSWORD_LENGTH = 40
EPHEMERAL = "aws_secretsmanager_random_password"
LOG_EXPORTS = ("audit", "error", "general", "slowquery")
# Continuous backup sets these once it has run, and RDS refuses others then. Source: AWS Backup developer
# guide, "Continuous backups and point-in-time recovery (PITR)".
OF_AWS_BACKUP = ["backup_retention_period", "preferred_backup_window"]
# Valid until 2061 (Aurora user guide, "Using TLS with Aurora MySQL DB clusters").
CERTIFICATE_AUTHORITY = "rds-ca-rsa2048-g1"

# Replication of the ledger, in both directions: Aurora user guide, "Using GTID-based replication",
# "Configuring replication filters with Aurora MySQL" (both filters are needed: docs/ledger.md).
REPLICATION = {
    "enforce_gtid_consistency": ("ON", "pending-reboot"),
    "event_scheduler": ("ON", "immediate"),
    "gtid-mode": ("ON", "pending-reboot"),
    "innodb_flush_log_at_trx_commit": ("1", "immediate"),
    "log_bin_trust_function_creators": ("1", "immediate"),
    "replicate-ignore-db": ("ledger_local", "pending-reboot"),
    "replicate-wild-do-table": (f"{NAME}.%", "pending-reboot"),
}
# Aurora user guide, "Setting up enhanced binlog for Aurora MySQL".
ENHANCED_BINLOG = {
    "aurora_enhanced_binlog": ("1", "pending-reboot"),
    "binlog_backup": ("0", "pending-reboot"),
    "binlog_replication_globaldb": ("0", "pending-reboot"),
}

# Parameter → (value, how it applies). Who connected and who changed what is audited; statements on data are
# not: their literals
# would carry cardholder data into the logs (PCI DSS 3.3, 10.2). For the same reason the general log is
# exported but not written.
PARAMETERS = {
    "binlog_format": ("ROW", "pending-reboot"),
    "long_query_time": ("1", "immediate"),
    "require_secure_transport": ("ON", "immediate"),
    "server_audit_events": ("CONNECT,QUERY_DCL,QUERY_DDL", "immediate"),
    "server_audit_logging": ("1", "immediate"),
    "slow_query_log": ("1", "immediate"),
    "tls_version": ("TLSv1.2,TLSv1.3", "pending-reboot"),
}


class Database(Construct):
    """Cluster, instances over the zones, parameters and log groups.

    The administrator's password is in a secret: `administrator`, which the colour's rotation function rotates
    (`Credentials`), or, in one cluster for both colours, RDS's own. RDS does not support its own with binary
    log replication (Aurora user guide, "Password management with Amazon Aurora and AWS Secrets Manager"), and
    to change from one to the other takes two applies: so whether a cluster replicates does not matter.

    The cluster admits no client by itself: `admit` opens it to a security group.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        colour: str,
        network: Network,
        encryption: Encryption,
        monitoring_role: IamRole,
    ) -> None:
        super().__init__(scope, id_)
        called = deployment.clusters[colour]
        self._name = f"{deployment.prefix}-{called}"
        self._tags = {"Name": self._name} | ({} if deployment.shared else {"Colour": colour})
        self._settings = deployment.colours[colour].database
        self._encryption = encryption
        zones = deployment.availability_zones
        self._parameters_wanted = _parameters(deployment)
        self.security_group = security_group(
            self,
            "security-group",
            name=f"{self._name}-database",
            description=f"The {called} database",
            vpc_id=network.vpc_id,
            colour=None if deployment.shared else colour,
        )
        self.cluster = self._cluster(network, managed=deployment.shared)
        self.administrator = None if deployment.shared else self._administrator(deployment, colour)
        self.instances = [
            self._instance(index, zones[index % len(zones)], monitoring_role)
            for index in range(self._settings.instance_count)
        ]

    @property
    def admin_secret_arn(self) -> str:
        """ARN of the secret that holds the administrator's password (a token)."""
        if self.administrator:
            return self.administrator.arn
        return self.cluster.master_user_secret.get(0).secret_arn

    def admit(self, client: SecurityGroup, id_: str) -> Sequence[ITerraformDependable]:
        """Lets members of `client` connect: once all that is returned exists."""
        rules = allow(
            self,
            id_,
            source=client,
            destination=self.security_group,
            port=PORT,
            description=f"{id_} to the database",
        )
        return (*rules, *self.instances)

    def _administrator(self, deployment: Deployment, colour: str) -> SecretsmanagerSecret:
        """Its secret. The cluster is created with a password that nothing stores: no plan, no state, no
        person. The first rotation sets another one.
        """
        ephemeral = f"{colour}-administrator"
        TerraformStack.of(self).add_override(
            f"ephemeral.{EPHEMERAL}.{ephemeral}",
            {"password_length": PASSWORD_LENGTH, "exclude_punctuation": True},
        )
        password = f"${{ephemeral.{EPHEMERAL}.{ephemeral}.random_password}}"
        self.cluster.add_override("master_password_wo", password)
        self.cluster.add_override("master_password_wo_version", 1)
        name = f"{deployment.prefix}/{colour}/administrator"
        return SecretsmanagerSecret(
            self,
            "administrator",
            name=name,
            description=f"The administrator of the {colour} database",
            kms_key_id=self._encryption.key_arn,
            recovery_window_in_days=30,
            tags={"Name": name, "Colour": colour},
        )

    def _cluster(self, network: Network, *, managed: bool) -> RdsCluster:
        settings = self._settings
        subnets = DbSubnetGroup(
            self,
            "subnets",
            name=self._name,
            subnet_ids=network.database.subnet_ids,
            tags={"Name": self._name},
        )
        logs = [
            log_group(
                self,
                f"logs-{kind}",
                name=f"/aws/rds/cluster/{self._name}/{kind}",
                encryption=self._encryption,
            )
            for kind in LOG_EXPORTS
        ]
        cluster = RdsCluster(
            self,
            "cluster",
            cluster_identifier=self._name,
            engine="aurora-mysql",
            engine_version=settings.engine_version,
            database_name=NAME,
            port=PORT,
            master_username=ADMINISTRATOR,
            manage_master_user_password=managed or None,
            master_user_secret_kms_key_id=self._encryption.key_arn if managed else None,
            storage_encrypted=True,
            kms_key_id=self._encryption.key_arn,
            iam_database_authentication_enabled=True,
            serverlessv2_scaling_configuration=RdsClusterServerlessv2ScalingConfiguration(
                min_capacity=settings.capacity.min_acu, max_capacity=settings.capacity.max_acu
            )
            if settings.capacity
            else None,
            snapshot_identifier=settings.snapshot,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[self.security_group.id],
            db_cluster_parameter_group_name=self._parameters().name,
            enabled_cloudwatch_logs_exports=list(LOG_EXPORTS),
            backup_retention_period=settings.backup_retention_days,
            preferred_backup_window=settings.backup_window,
            preferred_maintenance_window=settings.maintenance_window,
            copy_tags_to_snapshot=True,
            deletion_protection=True,
            delete_automated_backups=False,
            skip_final_snapshot=False,
            final_snapshot_identifier=f"{self._name}-final",
            # RDS would create the log groups itself, unencrypted and for ever.
            depends_on=logs,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True, ignore_changes=OF_AWS_BACKUP),
            tags=self._tags,
        )
        waive(
            cluster,
            "CKV_AWS_326",
            reason="Not available with binary log replication, and rewinding in place would unmake payments",
            expires="2027-11-30",
        )
        return cluster

    def _parameters(self) -> RdsClusterParameterGroup:
        return RdsClusterParameterGroup(
            self,
            "parameters",
            name=self._name,
            family="aurora-mysql8.0",
            description=f"Parameters of {self._name}",
            parameter=[
                RdsClusterParameterGroupParameter(name=name, value=value, apply_method=method)
                for name, (value, method) in self._parameters_wanted.items()
            ]
            + [
                RdsClusterParameterGroupParameter(name=name, value=value, apply_method="immediate")
                for name, value in sorted(self._settings.parameters.items())
            ],
            tags={"Name": self._name},
        )

    def _instance(self, index: int, zone: str, monitoring_role: IamRole) -> RdsClusterInstance:
        name = f"{self._name}-{index + 1}"
        instance = RdsClusterInstance(
            self,
            f"instance-{index + 1}",
            identifier=name,
            cluster_identifier=self.cluster.id,
            engine="aurora-mysql",
            engine_version=self.cluster.engine_version,
            instance_class=self._settings.instance_class,
            availability_zone=zone,
            publicly_accessible=False,
            auto_minor_version_upgrade=False,
            ca_cert_identifier=CERTIFICATE_AUTHORITY,
            copy_tags_to_snapshot=True,
            monitoring_interval=60,
            monitoring_role_arn=monitoring_role.arn,
            performance_insights_enabled=True,
            performance_insights_kms_key_id=self._encryption.key_arn,
            performance_insights_retention_period=7,
            preferred_maintenance_window=self._settings.maintenance_window,
            promotion_tier=min(index, 15),
            tags=self._tags | {"Name": name},
        )
        waive(
            instance,
            "CKV_AWS_226",
            reason="A long-term support line; a new version comes through the other colour",
            expires="2027-11-30",
        )
        return instance


def _parameters(deployment: Deployment) -> dict[str, tuple[str, str]]:
    """Name → (value, how it applies), in the order of the names."""
    ledger = deployment.ledger
    found = PARAMETERS | (REPLICATION if ledger.replicate else {})
    enhanced = ENHANCED_BINLOG if ledger.replicate and ledger.enhanced_binlog else {}
    return dict(sorted((found | enhanced).items()))
