"""What joins resources names a resource of the stack, of the type that belongs there."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, strings

from policies._alarms import metrics, names_resource
from policies._policy import StackPolicy
from policies.wiring._links import DIMENSIONS, LINKS

_SAME = {
    "aws_alb": "aws_lb",
    "aws_alb_listener": "aws_lb_listener",
    "aws_alb_target_group": "aws_lb_target_group",
}
_SCALED = ("aws_appautoscaling_policy", "aws_appautoscaling_target")


class LinksStayInTheStack(StackPolicy):
    policy = "CKV2_BG_441"
    title = "Each argument that joins resources names one of the stack, of the type that belongs there"
    requirement = None
    pci = "1.2.5"
    severity = "HIGH"
    yields = True
    needs_owner = True
    why = "What is elsewhere has no policy: traffic, logs, notifications or rights go where nobody looked"
    fix = (
        "refer to the resource of this stack; or admit what lies elsewhere, with its owner and an expiry date"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block, path, text in _links(stack):
            if not _is_unknown(text):
                yield block, f"has {path} = {text or 'nothing'}, which is not in the stack"
        for block in stack.resources(*_SCALED):
            for service in block.refers("resource_id", "aws_ecs_service"):
                for cluster in block.refers("resource_id", "aws_ecs_cluster"):
                    if cluster not in service.refers("cluster", "aws_ecs_cluster"):
                        yield block, f"scales {service.address} in {cluster.address}, where it does not run"

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block, path, text in _links(stack):
            if _is_unknown(text):
                yield block, f"has {path} = {text}, which only an apply tells"


def _is_unknown(text: str) -> bool:
    return "${" in text


def _links(stack: Stack) -> Iterator[tuple[Block, str, str]]:
    """(resource, argument, text) of each link that names no resource of the stack, of those that have one.

    Terraform itself refuses a reference to nothing, and the provider one to another type.
    """
    there = {block.type for block in stack.resources()}
    for alarm in stack.resources("aws_cloudwatch_metric_alarm"):
        for metric in metrics(alarm):
            for name, types in DIMENSIONS.items():
                value = str(metric.dimensions.get(name) or "")
                if value and not there.isdisjoint(types) and metric.namespace.startswith("AWS/"):
                    found = stack.resources(*types)
                    if not any(names_resource(value, block) for block in found) and "${" not in value:
                        yield alarm, f"dimensions.{name}", value
    for block in stack.resources():
        for path, types in LINKS.get(_SAME.get(block.type, block.type), {}).items():
            if there.isdisjoint(types):
                continue  # a stack on a network, or with keys, of another one
            outer, _, last = path.rpartition(".")
            for body in block.blocks(outer) if outer else [block.body]:
                for text in strings(body.get(last)):
                    if not stack.referred(text, *types) and not text.startswith("${aws_"):
                        yield block, path, text


check = LinksStayInTheStack()
