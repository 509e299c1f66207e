"""No identity has one of AWS's policies that allow whole services."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, strings

from policies._policy import ResourcePolicy

_BROAD = re.compile(
    r"arn:[\w-]+:iam::aws:policy/(?:[\w-]+/)?(\w*(?:FullAccess|AdministratorAccess|PowerUserAccess)\w*)"
)


class NoBroadPolicyOfAws(ResourcePolicy):
    policy = "CKV_BG_242"
    title = "No identity has a policy of AWS that allows a whole service"
    requirement = None
    pci = "7.2.5"
    profiles = ("general",)
    severity = "HIGH"
    why = "It allows every action of a service, or of all, on every resource of the account"
    fix = "attach a policy of your own instead, with the actions and resources that are needed"
    types = (
        "aws_iam_group_policy_attachment",
        "aws_iam_policy_attachment",
        "aws_iam_role",
        "aws_iam_role_policy_attachment",
        "aws_iam_role_policy_attachments_exclusive",
        "aws_iam_user_policy_attachment",
    )

    def defects(self, resource: Block) -> Iterator[str]:
        named = [*strings(resource.get("policy_arn")), *strings(resource.get("policy_arns"))]
        named += strings(resource.get("managed_policy_arns"))
        yield from (f"has {match[1]}" for text in named if (match := _BROAD.search(text)))


check = NoBroadPolicyOfAws()
