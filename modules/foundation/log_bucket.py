"""The bucket of the load balancer's access logs."""

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


class AccessLogBucket(Construct):
    """Private, versioned, TLS only; only Elastic Load Balancing's log delivery for this account writes.

    Source: Elastic Load Balancing user guide, "Enable access logs for your Application Load Balancer".
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment) -> None:
        super().__init__(scope, id_)
        name = f"{deployment.prefix}-alb-logs-{deployment.account_id}"
        self.bucket = S3Bucket(self, "bucket", bucket=name, tags={"Name": name})
        self._waive()
        self._close()
        self._encrypt_and_version()
        self._expire(deployment.load_balancer.log_retention_days)
        S3BucketNotification(self, "events", bucket=self.bucket.id, eventbridge=True)
        self.policy = self._policy(deployment.account_id)

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

    def _encrypt_and_version(self) -> None:
        default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="AES256"
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
        S3BucketVersioningA(
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

    def _policy(self, account_id: str) -> S3BucketPolicy:
        objects = f"{self.bucket.arn}/AWSLogs/{account_id}/*"
        return S3BucketPolicy(
            self,
            "policy",
            bucket=self.bucket.id,
            policy=policy(
                # The load balancer's own documentation has no condition; the path names the account.
                Statement(
                    sid="LogDelivery",
                    principals={"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                    actions=["s3:PutObject"],
                    resources=[objects],
                ),
                tls_only(["s3:*"], self.bucket.arn, f"{self.bucket.arn}/*"),
            ),
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
