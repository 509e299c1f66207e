"""Buckets are encrypted with a key of the account."""

from collections.abc import Iterator

from stack_gate.stack import LOAD_BALANCERS, Block

from policies._keys import not_customer_managed
from policies._policy import ResourcePolicy

ARGUMENT = "rule.apply_server_side_encryption_by_default"


class BucketNamesCustomerKey(ResourcePolicy):
    policy = "CKV_BG_6"
    title = "Each bucket is encrypted with a customer-managed key"
    requirement = "R02"
    pci = "3.5.1"
    profiles = ("general",)
    severity = "HIGH"
    why = "S3's own keys decrypt for every principal that may read the object"
    fix = (
        'add an aws_s3_bucket_server_side_encryption_configuration with sse_algorithm "aws:kms" and '
        "kms_master_key_id"
    )
    types = ("aws_s3_bucket",)

    def defects(self, resource: Block) -> Iterator[str]:
        stack = resource.stack
        if any(stack.users(resource, "access_logs.bucket", *LOAD_BALANCERS)):
            return  # load balancers can't deliver to it otherwise: their logs support SSE-S3 only
        apart = list(stack.users(resource, "bucket", "aws_s3_bucket_server_side_encryption_configuration"))
        old = "server_side_encryption_configuration"
        if not apart and not resource.get(old):
            yield "has no encryption configured"
        for block, path in [
            *((block, ARGUMENT) for block in apart),
            *([(resource, f"{old}.{ARGUMENT}")] * (not apart)),
        ]:
            if block.get(path) and not str(block.get(f"{path}.sse_algorithm")).startswith("aws:kms"):
                yield f"is encrypted with {block.get(f'{path}.sse_algorithm')}"
            elif block.get(path) and (defect := not_customer_managed(block, f"{path}.kms_master_key_id")):
                yield defect


check = BucketNamesCustomerKey()
