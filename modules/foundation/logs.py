"""Log groups, all alike: encrypted with the platform's key and kept for a year."""

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from constructs import Construct

from modules.foundation.encryption import Encryption

# PCI DSS 10.5.1: at least twelve months of audit history.
RETENTION_DAYS = 365


def log_group(scope: Construct, id_: str, *, name: str, encryption: Encryption) -> CloudwatchLogGroup:
    """A log group called `name`; the key's policy admits names that contain the deployment's prefix."""
    return CloudwatchLogGroup(
        scope,
        id_,
        name=name,
        kms_key_id=encryption.key_arn,
        retention_in_days=RETENTION_DAYS,
        tags={"Name": name},
    )
