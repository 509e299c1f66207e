"""Operations whose action has another name, or that need several.

Source: Service Authorization Reference of each service; S3's user guide, "Required permissions for Amazon S3
API operations"; DynamoDB's developer guide, "IAM and transactions".
"""

from embedded_aws.authorisation.calls import Call

# Service → operation → its actions, without the prefix. All others are named like their operation.
ACTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "dynamodb": {"TransactGetItems": ("GetItem",)},
    "kms": {"ReEncrypt": ("ReEncryptFrom", "ReEncryptTo")},
    "lambda": {"Invoke": ("InvokeFunction",), "InvokeAsync": ("InvokeFunction",)},
    "s3": {
        "CompleteMultipartUpload": ("PutObject",),
        "CopyObject": ("PutObject",),
        "CreateMultipartUpload": ("PutObject",),
        "DeleteBucketCors": ("PutBucketCORS",),
        "DeleteBucketEncryption": ("PutEncryptionConfiguration",),
        "DeleteBucketLifecycle": ("PutLifecycleConfiguration",),
        "DeleteBucketOwnershipControls": ("PutBucketOwnershipControls",),
        "DeleteBucketReplication": ("PutReplicationConfiguration",),
        "DeleteBucketTagging": ("PutBucketTagging",),
        "DeleteObjects": ("DeleteObject",),
        "DeletePublicAccessBlock": ("PutBucketPublicAccessBlock",),
        "GetBucketAccelerateConfiguration": ("GetAccelerateConfiguration",),
        "GetBucketCors": ("GetBucketCORS",),
        "GetBucketEncryption": ("GetEncryptionConfiguration",),
        "GetBucketLifecycle": ("GetLifecycleConfiguration",),
        "GetBucketLifecycleConfiguration": ("GetLifecycleConfiguration",),
        "GetBucketNotificationConfiguration": ("GetBucketNotification",),
        "GetBucketReplication": ("GetReplicationConfiguration",),
        "GetObjectLockConfiguration": ("GetBucketObjectLockConfiguration",),
        "GetPublicAccessBlock": ("GetBucketPublicAccessBlock",),
        "HeadBucket": ("ListBucket",),
        "HeadObject": ("GetObject",),
        "ListBuckets": ("ListAllMyBuckets",),
        "ListMultipartUploads": ("ListBucketMultipartUploads",),
        "ListObjectVersions": ("ListBucketVersions",),
        "ListObjects": ("ListBucket",),
        "ListObjectsV2": ("ListBucket",),
        "ListParts": ("ListMultipartUploadParts",),
        "PutBucketAccelerateConfiguration": ("PutAccelerateConfiguration",),
        "PutBucketCors": ("PutBucketCORS",),
        "PutBucketEncryption": ("PutEncryptionConfiguration",),
        "PutBucketLifecycle": ("PutLifecycleConfiguration",),
        "PutBucketLifecycleConfiguration": ("PutLifecycleConfiguration",),
        "PutBucketNotificationConfiguration": ("PutBucketNotification",),
        "PutBucketReplication": ("PutReplicationConfiguration",),
        "PutObjectLockConfiguration": ("PutBucketObjectLockConfiguration",),
        "PutPublicAccessBlock": ("PutBucketPublicAccessBlock",),
        "UploadPart": ("PutObject",),
        "UploadPartCopy": ("PutObject",),
    },
    "sns": {"PublishBatch": ("Publish",)},
    "sqs": {
        "ChangeMessageVisibilityBatch": ("ChangeMessageVisibility",),
        "DeleteMessageBatch": ("DeleteMessage",),
        "SendMessageBatch": ("SendMessage",),
    },
}


# A member of a transaction → its action. DynamoDB developer guide, "Using IAM with transactions".
OF_ITEM = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}


def actions_of(call: Call) -> tuple[str, ...]:
    """Such as `s3:ListBucket` for HeadBucket."""
    if call.operation == "TransactWriteItems":
        items = call.parameters.get("TransactItems", ())
        names = tuple(sorted({OF_ITEM[kind] for item in items for kind in item if kind in OF_ITEM}))
    else:
        names = ACTIONS.get(call.service, {}).get(call.operation, (call.operation,))
    return tuple(f"{call.service}:{name}" for name in names)
