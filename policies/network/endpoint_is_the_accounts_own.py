"""An endpoint leads to a service of the region, for the principals of the account."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import Block, Body, listed, objects

from policies import _iam
from policies._accounts import Accounts
from policies._arns import Arns
from policies._endpoints import service_of
from policies._policy import ResourcePolicy
from policies.network._carried import refused

_REGION = r"([a-z]{2,5}(?:-[a-z0-9]{1,12}){2,4})"
_SERVICE = re.compile(
    rf"(?:cn\.)?com\.amazonaws\.{_REGION}\.[\w.-]{{1,80}}|aws\.[a-z]{{2,20}}\.{_REGION}\.[\w.-]{{1,80}}"
)
_KEYS = ("aws:principalaccount", "aws:resourceaccount")
# Their names are of no account: a bucket or table of any may be named, also by this account's principals.
# Sources: VPC guide, "Gateway endpoints"; IAM user guide, "Data perimeters".
_CARRYING = ("dynamodb", "s3")
_EQUALS = ("stringequals", "stringequalsignorecase", "stringlike")
# Layers of images of Amazon ECR. Source: Amazon ECR user guide, "Minimum Amazon S3 Bucket Permissions".
_LAYERS = "arn:aws*:s3:::prod-*-starport-layer-bucket/*"


class EndpointIsTheAccountsOwn(ResourcePolicy):
    policy = "CKV_BG_404"
    title = "Each VPC endpoint is of the stack's region, for the account alone, and carries what roles call"
    requirement = "R03"
    pci = "1.4.2"
    severity = "HIGH"
    needs_account = True
    why = (
        "An endpoint without the account in its policy carries data to anyone's bucket, table or secret; one "
        "that refuses what a role calls stops the payments"
    )
    fix = (
        "name the service of the provider's region, and give the endpoint a policy that allows the actions "
        "of the stack's roles, with the condition StringEquals aws:PrincipalAccount = the account"
    )
    types = ("aws_vpc_endpoint",)

    def defects(self, resource: Block) -> Iterator[str]:
        region, service = resource.stack.derived(Arns).region, str(resource.get("service_name") or "")
        match = _SERVICE.fullmatch(service)
        found = next(filter(None, match.groups()), None) if match else None
        if found not in (None, region) or (not match and "${" not in service):
            yield f"is of {service}, where the stack is in {region}"
        if str(resource.get("service_region") or region) not in (region, ""):
            yield f"is of the region {resource.get('service_region')}"
        statements = _iam.statements(resource.get("policy"))
        if not statements:
            yield "has no policy that can be read"
        for index, statement in enumerate(statements):
            if _iam.is_allow(statement):
                called = f"statement {statement.get('Sid') or index + 1}"
                if not _names_the_account(statement, resource):
                    yield f"names no account in {called}"
                yield from (f"allows {action} in {called}" for action in _wide(statement, resource))
        if statements:
            yield from refused(resource, service_of(resource))


def _wide(statement: Body, resource: Block) -> Iterator[str]:
    """An endpoint of one service carries all of its actions as `service:*`; where others' resources, or other
    roles, are a call away, each action is named.
    """
    named = service_of(resource) in (*_CARRYING, "sts")
    for action in _iam.actions(statement):
        if action == "*" or (named and action.endswith(":*")):
            yield action
    if "NotAction" in statement:
        yield "everything but some actions"


def _names_the_account(statement: Body, resource: Block) -> bool:
    own = resource.stack.derived(Accounts).own
    carries = str(resource.get("service_name")).rpartition(".")[2] in _CARRYING
    tests = [
        listed(values)
        for condition in objects(statement.get("Condition"))
        for operator, test in condition.items()
        if operator.lower() in _EQUALS
        for keys in objects(test)
        for key, values in keys.items()
        if key.lower() in (_KEYS[1:] if carries else _KEYS)
    ]
    if any(values and {str(value) for value in values} <= own for values in tests):
        return True
    named = _iam.principals(statement)
    if (
        not carries
        and named
        and all(any(f":{account}:" in name or name == account for account in own) for name in named)
    ):
        return True
    reads = all(action.lower() == "s3:getobject" for action in _iam.actions(statement))
    return reads and all(fnmatchcase(arn, _LAYERS) for arn in _iam.resources(statement))


check = EndpointIsTheAccountsOwn()
