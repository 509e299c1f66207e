"""No bucket answers in plain text."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, listed

from policies import _iam
from policies._policy import ResourcePolicy


class BucketRequiresTls(ResourcePolicy):
    """Source: Amazon S3 User Guide, "Security best practices": enforce encryption of data in transit."""

    policy = "CKV_BG_415"
    title = "The policy of each bucket denies every request without TLS"
    requirement = None
    pci = "4.2.1"
    profiles = ("general",)
    severity = "HIGH"
    why = "S3 answers plain HTTP, so a client that forgets TLS sends data and session tokens in the clear"
    fix = (
        'add a statement to its aws_s3_bucket_policy: Effect "Deny", Principal {"AWS": "*"}, Action "s3:*", '
        'the ARNs of the bucket and of its objects, Condition {"Bool": {"aws:SecureTransport": "false"}}'
    )
    types = ("aws_s3_bucket",)

    def defects(self, resource: Block) -> Iterator[str]:
        policies = resource.stack.users(resource, "bucket", "aws_s3_bucket_policy")
        found = [statement for block in policies for statement in _iam.statements(block.get("policy"))]
        if not any(_denies_plain_text(statement, resource) for statement in found):
            yield "has no policy that denies all requests without TLS"


def _denies_plain_text(statement: Body, bucket: Block) -> bool:
    """Whether it denies everybody everything, in the bucket and of it, on that condition alone."""
    conditions = [
        (operator.lower(), key.lower(), [str(value).lower() for value in listed(values)])
        for operator, key, values in _iam.conditions(statement)
    ]
    resources, stack = _iam.resources(statement), bucket.stack
    mine = [text for text in resources if text == "*" or bucket in stack.referred(text)]
    return (
        statement.get("Effect") == "Deny"
        and "*" in _iam.principals(statement)
        and not {"NotAction", "NotPrincipal", "NotResource"} & set(statement)
        and bool({"*", "s3:*"} & set(_iam.actions(statement)))
        and conditions == [("bool", "aws:securetransport", ["false"])]
        and ("*" in mine or {text.endswith("/*") for text in mine} == {True, False})
    )


check = BucketRequiresTls()
