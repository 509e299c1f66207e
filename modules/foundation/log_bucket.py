"""Buckets of logs: the load balancer's access logs, and the trail's."""

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_notification import S3BucketNotification
from cdktf_cdktf_provider_aws.s3_bucket_object_lock_configuration import (
    S3BucketObjectLockConfigurationA,
    S3BucketObjectLockConfigurationRuleA,
    S3BucketObjectLockConfigurationRuleDefaultRetentionA,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from modules.config import Deployment
from modules.foundation.iam import Statement, policy, tls_only
from modules.foundation.waivers import waive


class LogBucket(Construct):
    """Private, versioned, TLS only. `kms_key_arn`: None for SSE-S3. `lock_days`: for how long S3 Object Lock
    keeps each version, 0 for no lock.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        retention_days: int,
        kms_key_arn: str | None = None,
        lock_days: int = 0,
    ) -> None:
        super().__init__(scope, id_)
        self.bucket = S3Bucket(self, "bucket", bucket=name, tags={"Name": name})
        self._close()
        self._encrypt_and_version(kms_key_arn)
        self._expire(retention_days)
        if lock_days:
            self._lock(lock_days)
        S3BucketNotification(self, "events", bucket=self.bucket.id, eventbridge=True)

    def admit(self, *statements: Statement) -> S3BucketPolicy:
        """Gives the bucket its policy: these statements, over TLS only."""
        tls = tls_only(["s3:*"], self.bucket.arn, f"{self.bucket.arn}/*")
        return S3BucketPolicy(self, "policy", bucket=self.bucket.id, policy=policy(*statements, tls))

    def _lock(self, days: int) -> None:
        """Source: S3 user guide, "Locking objects with Object Lock"."""
        retention = S3BucketObjectLockConfigurationRuleDefaultRetentionA(mode="GOVERNANCE", days=days)
        S3BucketObjectLockConfigurationA(
            self,
            "lock",
            bucket=self.bucket.id,
            rule=S3BucketObjectLockConfigurationRuleA(default_retention=retention),
            depends_on=[self._versioning],  # S3 locks versions: without them it answers InvalidBucketState
        )

    def _close(self) -> None:
        S3BucketPublicAccessBlock(
            self,
            "public-access",
            bucket=self.bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=self.bucket.id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )

    def _encrypt_and_version(self, kms_key_arn: str | None) -> None:
        default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="aws:kms" if kms_key_arn else "AES256", kms_master_key_id=kms_key_arn
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=self.bucket.id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=default
                )
            ],
        )
        self._versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=self.bucket.id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )

    def _expire(self, days: int) -> None:
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self.bucket.id,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=days)],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=30)
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=7
                        )
                    ],
                )
            ],
        )


class AccessLogBucket(LogBucket):
    """Only Elastic Load Balancing's log delivery for this account writes.

    Source: Elastic Load Balancing user guide, "Enable access logs for your Application Load Balancer".
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment) -> None:
        super().__init__(
            scope,
            id_,
            name=f"{deployment.prefix}-alb-logs-{deployment.account_id}",
            retention_days=deployment.load_balancer.log_retention_days,
            lock_days=deployment.load_balancer.log_lock_days,
        )
        self._waive()
        # The load balancer's own documentation has no condition; the path names the account.
        self.policy = self.admit(
            Statement(
                sid="LogDelivery",
                principals={"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                actions=["s3:PutObject"],
                resources=[f"{self.bucket.arn}/AWSLogs/{deployment.account_id}/*"],
            )
        )

    def _waive(self) -> None:
        expires = "2027-11-30"
        waive(
            self.bucket,
            "CKV_AWS_145",
            reason="Elastic Load Balancing writes access logs to SSE-S3 buckets only",
            expires=expires,
        )
        waive(
            self.bucket,
            "CKV_AWS_18",
            reason="This is the bucket of access logs: logging its own accesses would not end",
            expires=expires,
        )
        waive(
            self.bucket,
            "CKV_AWS_144",
            reason="Access logs stay in the region of the load balancer they come from",
            expires=expires,
        )
