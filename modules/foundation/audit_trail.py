"""A trail, so that EventBridge hears of API calls and of failed rotations."""

from cdktf_cdktf_provider_aws.cloudtrail import (
    Cloudtrail,
    CloudtrailEventSelector,
    CloudtrailEventSelectorDataResource,
)
from constructs import Construct

from modules.config import Deployment, S3Backend
from modules.foundation.encryption import Encryption, trail_arn
from modules.foundation.iam import Statement
from modules.foundation.log_bucket import LogBucket
from modules.foundation.waivers import waive

SERVICE = {"Service": "cloudtrail.amazonaws.com"}


class AuditTrail(Construct):
    """Management events of all regions, and who reads the state; kept as long as access logs.

    Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail".
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        name = deployment.prefix
        log = LogBucket(
            self,
            "log",
            name=f"{name}-trail-{deployment.account_id}",
            retention_days=deployment.load_balancer.log_retention_days,
            kms_key_arn=encryption.key_arn,
            lock_days=deployment.load_balancer.log_lock_days,
        )
        source = {"aws:SourceArn": trail_arn(deployment)}
        delivery = log.admit(
            Statement(
                sid="Look",
                principals=SERVICE,
                actions=["s3:GetBucketAcl"],
                resources=[log.bucket.arn],
                conditions={"StringEquals": source},
            ),
            Statement(
                sid="Write",
                principals=SERVICE,
                actions=["s3:PutObject"],
                resources=[f"{log.bucket.arn}/AWSLogs/{deployment.account_id}/*"],
                conditions={"StringEquals": {**source, "s3:x-amz-acl": "bucket-owner-full-control"}},
            ),
        )
        trail = Cloudtrail(
            self,
            "trail",
            name=name,
            s3_bucket_name=log.bucket.id,
            kms_key_id=encryption.key_arn,
            enable_log_file_validation=True,
            include_global_service_events=True,
            is_multi_region_trail=True,
            event_selector=[self._selector(deployment)],
            tags={"Name": name},
            depends_on=[delivery],
        )
        for resource, check, reason in (
            (trail, "CKV2_AWS_10", "EventBridge gets the events; nothing reads them from CloudWatch Logs"),
            (trail, "CKV_AWS_252", "The event rules notify, not each delivered file"),
            (log.bucket, "CKV_AWS_18", "CloudTrail itself logs who reads the bucket"),
            (log.bucket, "CKV_AWS_144", "Logs stay in the region of the deployment"),
        ):
            waive(resource, check, reason=reason, expires="2027-11-30")

    def _selector(self, deployment: Deployment) -> CloudtrailEventSelector:
        state = deployment.backend.bucket if isinstance(deployment.backend, S3Backend) else None
        objects = CloudtrailEventSelectorDataResource(
            type="AWS::S3::Object", values=[f"arn:aws:s3:::{state}/"]
        )
        return CloudtrailEventSelector(
            read_write_type="All", include_management_events=True, data_resource=[objects] if state else []
        )
