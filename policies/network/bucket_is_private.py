"""No bucket is public, whichever way."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies import _iam
from policies._policy import ResourcePolicy

LOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


class BucketIsPrivate(ResourcePolicy):
    policy = "CKV_BG_54"
    title = "Each bucket has all public access blocked, and a policy without public access"
    requirement = None
    pci = "1.4.4"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "One ACL or policy, set by anybody later, publishes what is in the bucket"
    fix = f"add an aws_s3_bucket_public_access_block with {', '.join(LOCKS)} all true"
    types = ("aws_s3_bucket",)

    def defects(self, resource: Block) -> Iterator[str]:
        stack = resource.stack
        blocks = list(stack.users(resource, "bucket", "aws_s3_bucket_public_access_block"))
        off = [lock for lock in LOCKS if not any(is_true(block.get(lock)) for block in blocks)]
        if not blocks:
            yield "has no public access block"
        elif off:
            yield f"has {', '.join(off)} off"
        for policy in stack.users(resource, "bucket", "aws_s3_bucket_policy"):
            if any(_iam.is_open(statement, stack) for statement in _iam.statements(policy.get("policy"))):
                yield f"is open to everyone by {policy.address}"
        for acl in (resource, *stack.users(resource, "bucket", "aws_s3_bucket_acl")):
            if str(acl.get("acl") or "").startswith(("public-", "authenticated-")):
                yield f"has the ACL {acl.get('acl')}"


check = BucketIsPrivate()
