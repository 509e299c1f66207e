"""What starts a task reaches the AWS APIs without the internet."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._endpoints import Endpoints
from policies._policy import StackPolicy
from policies.service._containers import SERVICE, TASK_DEFINITION, containers, on_fargate

IMAGES = ("ecr.api", "ecr.dkr")


class TaskEndpointsExist(StackPolicy):
    policy = "CKV2_BG_267"
    title = "There is an interface endpoint for each AWS API that starts tasks on Fargate"
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
    """The APIs that Fargate calls from the subnet of a task (Amazon ECS developer guide)."""
    found: set[str] = set()
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
