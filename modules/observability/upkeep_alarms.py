"""What is not missed until it is needed: backups and notifications.

Sources: AWS Backup developer guide, "AWS Backup metrics with Amazon CloudWatch"; SNS developer guide,
"Monitoring Amazon SNS topics using CloudWatch".
"""

from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic

from modules.observability.alarm import Alarm, Metric, total

HOUR, DAY = 3600, 24 * 3600


def backup_alarms(vault: BackupVault) -> list[Alarm]:
    """A backup failed, or none has been made."""
    failed = [
        _vault(vault, name, period=HOUR) for name in ("NumberOfBackupJobsFailed", "NumberOfBackupJobsExpired")
    ]
    return [
        Alarm(
            name="backup-failed",
            measure=total("jobs", failed, "Backup jobs that failed or did not start in time"),
            threshold=0,
            unit="Count",
            what="A backup job failed or did not start in its window.",
            fix="The job's status message says why (ListBackupJobs); start an on-demand backup once fixed.",
        ),
        Alarm(
            name="backup-missing",
            measure=_vault(vault, "NumberOfBackupJobsCompleted", period=DAY),
            rings="below",
            threshold=1,
            unit="Count",
            datapoints=2,
            periods=2,
            missing="breaching",
            what="No backup has been completed for two days (so also on a new platform's first day).",
            fix="Check that the plans and selections still exist and that their role may do its work.",
        ),
    ]


def notification_alarm(topic: SnsTopic) -> Alarm:
    """A subscriber of the topic could not be told. Further action ARNs are: the topic itself may be ill."""
    return Alarm(
        name="notification-delivery",
        measure=Metric(
            namespace="AWS/SNS",
            name="NumberOfNotificationsFailed",
            dimensions={"TopicName": topic.name},
            statistic="Sum",
            period=300,
        ),
        threshold=0,
        unit="Count",
        what="SNS could not deliver a notification: a subscriber did not receive it.",
        fix="Check the subscriptions' endpoints; look at the alarms themselves for what was missed.",
    )


def _vault(vault: BackupVault, name: str, *, period: int) -> Metric:
    return Metric(
        namespace="AWS/Backup",
        name=name,
        dimensions={"BackupVaultName": vault.name},
        statistic="Sum",
        period=period,
    )
