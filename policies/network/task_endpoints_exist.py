"""What starts a task reaches the AWS APIs without the internet."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies import _iam
from policies._endpoints import ENDPOINT_OF, GATEWAY_SERVICES, Endpoints
from policies._policy import StackPolicy
from policies.service._containers import SERVICE, TASK_DEFINITION, containers, on_fargate

IMAGES = ("ecr.api", "ecr.dkr")
# Called by way of a gateway, by other services for the task, or by Fargate when it mounts.
WITHOUT_INTERFACE = frozenset({*GATEWAY_SERVICES, "elasticfilesystem", "kms"})


class TaskEndpointsExist(StackPolicy):
    policy = "CKV2_BG_267"
    title = "There is an interface endpoint for each AWS API that starts tasks on Fargate, or that they call"
    requirement = "R03"
    pci = "1.4.2"
    severity = "HIGH"
    why = (
        "Images, secrets and logs take their way through the internet, or tasks don't start where there is "
        "no way out"
    )
    fix = 'add an aws_vpc_endpoint of vpc_endpoint_type "Interface" for the service, in the tasks\' subnets'

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        there = {service for service, _ in stack.derived(Endpoints).interfaces}
        missing: dict[str, str] = {}
        for service in stack.resources(SERVICE):
            if on_fargate(service):
                for definition in service.refers("task_definition", TASK_DEFINITION):
                    for api in _called(definition) - there:
                        missing.setdefault(api, service.address)
        for api, caller in sorted(missing.items()):
            yield None, f"has no interface endpoint for {api}, which the tasks of {caller} need"


def _called(definition: Block) -> set[str]:
    """The APIs that Fargate calls from the subnet of a task (Amazon ECS developer guide), and those that the
    task's own role may call.
    """
    statements = [
        statement
        for role in definition.refers("task_role_arn", "aws_iam_role")
        for statement in definition.stack.derived(_iam.Roles).of(role)
        if _iam.is_allow(statement)
    ]
    services = {action.partition(":")[0].lower() for one in statements for action in _iam.actions(one)}
    found = {ENDPOINT_OF.get(service, service) for service in services - WITHOUT_INTERFACE}
    for _, container in containers(definition):
        if ".dkr.ecr." in str(container.get("image")):
            found |= set(IMAGES)
        if "awslogs" in str(container.get("logConfiguration")):
            found.add("logs")
        if container.get("secrets"):
            from_ssm = any(":ssm:" in str(entry) for entry in [container.get("secrets")])
            found.add("ssm" if from_ssm else "secretsmanager")
    return found


check = TaskEndpointsExist()
