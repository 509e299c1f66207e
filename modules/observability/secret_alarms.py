"""Credentials that get old: whatever the reason, they are no longer rotated (PCI DSS 8.6.3)."""

from cdktf_cdktf_provider_aws.secretsmanager_secret import SecretsmanagerSecret

from modules.data.secret_age import DIMENSION, METRIC, NAMESPACE
from modules.observability.alarm import Alarm, Metric

# Secrets Manager rotates within the day that is due, and tries again where the function failed.
GRACE_DAYS = 2
HOUR = 3600


def secret_age_alarm(secret: SecretsmanagerSecret, rotation_days: int) -> Alarm:
    """Rings for what `rotation-failed` can't: a schedule that was switched off, or a missing trail.

    Missing data is no failure here: that the function fails, or can't be asked, rings by itself.
    """
    return Alarm(
        name="secret-age",
        measure=Metric(
            namespace=NAMESPACE,
            name=METRIC,
            dimensions={DIMENSION: secret.arn},
            statistic="Maximum",
            period=HOUR,
        ),
        threshold=rotation_days + GRACE_DAYS,
        unit="Days",
        datapoints=2,
        periods=3,
        what=f"The application's credentials are older than the {rotation_days} days that they may be.",
        fix="DescribeSecret tells whether rotation is still on; the rotation function's log why it failed. "
        "Call RotateSecret once fixed.",
    )
