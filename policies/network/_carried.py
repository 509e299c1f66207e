"""What the roles of a stack call through its VPC endpoints, and whether the endpoints' policies let it pass.

Sources: VPC guide, "Control access to VPC endpoints using endpoint policies"; Amazon ECR user guide, "Minimum
Amazon S3 Bucket Permissions for Amazon ECR".
"""

from collections import defaultdict
from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from iam_evaluation import Caller, Kind, Policies, Request, evaluate, parse_policy
from policies import _iam
from policies._arns import Arns
from policies._endpoints import CALLED_BY_LAMBDA, ENDPOINT_OF
from policies._evaluation import EVERYTHING, parsed

_PUBLIC = parse_policy(
    '{"Version": "2012-10-17", "Statement": '
    '{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
    name="the resource's",
    kind=Kind.RESOURCE,
)
_OF_ECR = "999999999999"  # whose the buckets with layers are: not the stack's
# Both endpoints of ECR carry the same actions; layers come from S3.
_ALSO = {"ecr.api": ("ecr.api", "ecr.dkr")}
_JUDGED = frozenset({"sts"})  # a role of another's rights is CKV2_BG_313's finding
_LAYER, _READ = "arn:{}:s3:::prod-{}-starport-layer-bucket/layer", "s3:GetObject"


class Carried:
    """Service, as endpoints name it → (role, action, resource) that its endpoint has to let pass."""

    def __init__(self, stack: Stack) -> None:
        self.by_service: dict[str, dict[tuple[str, str], Block]] = defaultdict(dict)
        for function in stack.resources("aws_lambda_function"):
            if function.get("vpc_config"):
                for role in function.refers("role", "aws_iam_role"):
                    self._add(role, CALLED_BY_LAMBDA)
        for definition in stack.resources("aws_ecs_task_definition"):
            for argument in ("task_role_arn", "execution_role_arn"):
                for role in definition.refers(argument, "aws_iam_role"):
                    self._add(role, frozenset())

    def _add(self, role: Block, by_others: frozenset[str]) -> None:
        for statement in role.stack.derived(_iam.Roles).of(role):
            for action in _iam.actions(statement) if _iam.is_allow(statement) else ():
                prefix = action.partition(":")[0].lower()
                if prefix not in by_others | _JUDGED and "*" not in action:
                    service = ENDPOINT_OF.get(prefix, prefix)
                    for resource in _iam.resources(statement)[:1]:
                        for name in _ALSO.get(service, (service,)):
                            self.by_service[name].setdefault((action, resource), role)


def refused(endpoint: Block, service: str) -> Iterator[str]:
    """What the policy of an endpoint keeps from passing."""
    stack, arns = endpoint.stack, endpoint.stack.derived(Arns)
    wanted = stack.derived(Carried).by_service
    try:
        own = parsed(endpoint.get("policy"), stack)
    except ValueError as error:
        yield f"has a policy that IAM refuses: {error}"
        return
    requests = [
        (Request(Caller.role(arns.of(role)), action, arns.put(resource)), role.address)
        for (action, resource), role in wanted.get(service, {}).items()
    ]
    if service == "s3" and "ecr.dkr" in wanted:
        layer = _LAYER.format(arns.partition, arns.region)
        request = Request(Caller.role(arns.role("tasks")), _READ, layer, resource_account=_OF_ECR)
        requests.append((request, "Fargate for the layers of images"))
    for request, whose in requests:
        policies = Policies(identity=(EVERYTHING,), resource=(_PUBLIC,), endpoint=(own,))
        if not evaluate(request, policies).allowed:
            yield f"refuses {request.action} to {whose}"
            return
