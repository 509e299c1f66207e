"""The logs of a load balancer arrive in their bucket, and are at hand for three months."""

from collections.abc import Iterator

from stack_gate.stack import LOAD_BALANCERS, Block, number, objects

from iam_evaluation import Caller
from policies import _iam
from policies._arns import Arns
from policies._evaluation import decided, parsed
from policies._policy import ResourcePolicy

_POLICY, _LIFECYCLE = "aws_s3_bucket_policy", "aws_s3_bucket_lifecycle_configuration"
_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"
_WRITES = ("s3:putobject", "s3:getbucketacl")
_DELIVERY = "logdelivery.elasticloadbalancing.amazonaws.com"
_SLOW = ("DEEP_ARCHIVE", "GLACIER")  # hours until an object can be read
_AT_HAND = 90  # days; PCI DSS 4.0.1, 10.5.1


class AccessLogsAreAtHand(ResourcePolicy):
    policy = "CKV_BG_458"
    title = "Access logs are delivered to their bucket, and are readable at once for three months"
    requirement = None
    pci = "10.5.1"
    severity = "HIGH"
    why = "After an attack there is no record of who called what, or only once an archive has been restored"
    fix = (
        f"allow {_DELIVERY} s3:PutObject on <bucket>/<prefix>/AWSLogs/<account>/* in the bucket's policy, "
        f"and move objects to {' or '.join(_SLOW)} after {_AT_HAND} days or later"
    )
    types = ("aws_s3_bucket", _POLICY)
    needs_account = True

    def defects(self, resource: Block) -> Iterator[str]:
        stack = resource.stack
        if resource.type == _POLICY:
            yield from _too_much(resource)
            return
        for type_ in LOAD_BALANCERS:
            for balancer in stack.users(resource, "access_logs.bucket", type_):
                yield from _encryption(resource)
                prefix = str(balancer.get("access_logs.prefix") or "").strip("/")
                if "${" not in prefix and not _is_delivered(resource, prefix):
                    yield f"refuses the access logs of {balancer.address}"
                for lifecycle in stack.users(resource, "bucket", _LIFECYCLE):
                    for rule in lifecycle.blocks("rule"):
                        for moved in objects(rule.get("transition")):
                            days = number(moved.get("days"))
                            if moved.get("storage_class") in _SLOW and (days is None or days < _AT_HAND):
                                yield f"moves its logs to {moved['storage_class']} after {days or 0:g} days"


def _encryption(bucket: Block) -> Iterator[str]:
    """Source: Application Load Balancers guide, "Enable access logs": SSE-S3 is the only encryption."""
    for apart in bucket.stack.users(bucket, "bucket", _ENCRYPTION):
        for rule in apart.blocks("rule"):
            for given in objects(rule.get("apply_server_side_encryption_by_default")):
                if given.get("sse_algorithm") not in (None, "AES256"):
                    yield f"is encrypted by {given['sse_algorithm']}, with which load balancers can't write"


def _too_much(policy: Block) -> Iterator[str]:
    """What the delivery gets beside writing the logs of this account."""
    account = policy.stack.derived(Arns).account
    for one in _iam.statements(policy.get("policy")):
        if not _iam.is_allow(one) or _DELIVERY not in _iam.principals(one):
            continue
        if more := [action for action in _iam.actions(one) if action.lower() not in _WRITES]:
            yield f"allows the delivery of logs {', '.join(more)}"
        sources = {key.lower() for _, key, _ in _iam.conditions(one)} & {"aws:sourceaccount", "aws:sourcearn"}
        paths = [path for path in _iam.resources(one) if f"/AWSLogs/{account}/" not in path]
        if account and paths and not sources:
            yield f"lets load balancers of every account write {paths[0]}"


def _is_delivered(bucket: Block, prefix: str) -> bool:
    """Source: Application Load Balancers guide, "Enable access logs", with its policies by region."""
    arns = bucket.stack.derived(Arns)
    path = "/".join(
        part for part in (prefix, "AWSLogs", arns.account, "elasticloadbalancing/x.log.gz") if part
    )
    caller, context = Caller.service(_DELIVERY), {"aws:SourceAccount": arns.account}
    documents = [bucket.get("policy")]
    documents += [block.get("policy") for block in bucket.stack.users(bucket, "bucket", _POLICY)]
    for document in filter(None, documents):
        older = [
            s
            for s in _iam.statements(document)
            if _iam.allows(s, "s3:PutObject") and "AWS" in (s.get("Principal") or {})
        ]
        try:
            own = parsed(document, bucket.stack)
        except ValueError:
            return True  # another policy's finding
        if older or decided(own, caller, "s3:PutObject", f"{arns.of(bucket)}/{path}", context).allowed:
            return True
    return False


check = AccessLogsAreAtHand()
