"""Arguments are complete, and have values that AWS accepts."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, number, objects

from policies import _iam
from policies._policy import StackPolicy
from policies.wiring._accepted import (
    ACTIONS,
    CHOICES,
    DEPENDENT,
    DOCUMENTS,
    KNOWN,
    KNOWN_OF_ALL,
    ONE_OF,
    RANGES,
    REQUIRED,
    TRUSTS,
)
from policies.wiring._together import together

_SAME = {
    "aws_alb": "aws_lb",
    "aws_alb_listener": "aws_lb_listener",
    "aws_alb_target_group": "aws_lb_target_group",
}

_EXPRESSION = re.compile(r"\$\{")
# End of a metric's name → the most that leaves time to start tasks: percents; 10,000 requests a second.
_TARGETS = {"Utilization": 90, "RequestCountPerTarget": 600_000}
_RULES = ("aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule")


class ArgumentsAreAccepted(StackPolicy):
    policy = "CKV2_BG_440"
    title = "Each resource has the arguments that it needs, with values that AWS accepts"
    requirement = None
    pci = "6.3.2"
    severity = "MEDIUM"
    yields = True
    why = "The apply fails in the middle, or AWS takes a default that no policy judges"
    fix = "set the argument to a value of the service's API reference, known before the apply"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources():
            yield from ((block, what) for what in [*_missing(block), *_refused(block), *_untaken(block)])
        yield from _shared(stack)
        yield from together(stack)

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources():
            known = [(path, block.get(path)) for path in KNOWN_OF_ALL]
            for path in KNOWN.get(block.type, ()):
                outer, _, last = path.rpartition(".")
                bodies = block.blocks(outer) if outer else [block.body]
                known += [(path, body.get(last)) for body in bodies]
            for path, value in [*known, *((path, value) for path, value, _ in _values(block))]:
                if _is_unknown(value, stack):
                    yield block, f"has {path} = {value}, which only an apply tells"


def _missing(block: Block) -> Iterator[str]:
    type_ = _SAME.get(block.type, block.type)
    for path in REQUIRED.get(type_, ()):
        outer, _, last = path.rpartition(".")
        if any(_is_absent(body.get(last)) for body in (block.blocks(outer) if outer else [block.body])):
            yield f"has no {path}"
    if type_ in _RULES and str(block.get("ip_protocol")) in ("tcp", "udp", "6", "17"):
        yield from (f"has no {name}" for name in ("from_port", "to_port") if _is_absent(block.get(name)))
    if type_ in _RULES:
        yield from _networks(block)
    yield from _dependent(block, type_)
    for names in ONE_OF.get(type_, ()):
        if all(_is_absent(block.get(name)) for name in names):
            yield f"has no {' or '.join(names)}"


def _dependent(block: Block, type_: str) -> Iterator[str]:
    """What other arguments make necessary. Sources: ECS API reference, RegisterTaskDefinition; EC2 API
    reference, CreateFlowLogs; Elastic Load Balancing API reference, Action; ECR API reference,
    PutLifecyclePolicy.
    """
    is_fargate = "FARGATE" in listed(block.get("requires_compatibilities"))
    if type_ == "aws_ecs_task_definition" and is_fargate and block.get("network_mode") != "awsvpc":
        yield "is for Fargate, and has no network_mode = awsvpc"
    for when, names in DEPENDENT.get(type_, ()):
        path, values = when
        given = block.get(path)
        if any(str(value) in values for value in listed(given)):
            yield from (
                f"has {path} = {given}, and no {name}" for name in names if _is_absent(block.get(name))
            )
    to_logs = block.get("log_destination_type") in (None, "cloud-watch-logs")
    if type_ == "aws_flow_log" and to_logs and _is_absent(block.get("iam_role_arn")):
        yield "writes to CloudWatch Logs, and has no iam_role_arn"
    yield from _scaling(block)
    for path, blocks in ACTIONS.get(type_, {}).items():
        for action in block.blocks(path):
            needed = blocks.get(str(action.get("type")))
            if needed and all(_is_absent(action.get(name)) for name in needed):
                yield f"has the {path} {action.get('type')} without {' or '.join(needed)}"
    for argument in DOCUMENTS.get(type_, ()):
        value = block.get(argument)
        if isinstance(value, str) and "${" not in value and not _is_json(value):
            yield f"has a {argument} that is no JSON"


def _networks(rule: Block) -> Iterator[str]:
    for name in ("cidr_ipv4", "cidr_ipv6"):
        text = str(rule.get(name) or "")
        if text and not _EXPRESSION.search(text) and not _is_network(text):
            yield f"has {name} = {text}, which is no network"


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _scaling(block: Block) -> Iterator[str]:
    """Source: Application Auto Scaling API reference, PutScalingPolicy; PredefinedMetricSpecification."""
    for tracking in block.blocks("target_tracking_scaling_policy_configuration"):
        if block.get("policy_type") != "TargetTrackingScaling":
            yield f"tracks a target, and has the policy_type {block.get('policy_type') or 'StepScaling'}"
        wanted = number(tracking.get("target_value"))
        for metric in objects(tracking.get("predefined_metric_specification")):
            name = str(metric.get("predefined_metric_type"))
            most = next((most for end, most in _TARGETS.items() if name.endswith(end)), None)
            if most is not None and wanted is not None and wanted > most:
                yield f"has the target {wanted:g} of {name}, above {most:g}: tasks are added too late"


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _is_absent(value: Any) -> bool:
    return value is None or value == []


def _values(block: Block) -> Iterator[tuple[str, Any, object]]:
    """(path, value, what is accepted) of each argument that the tables name and the block has."""
    type_ = _SAME.get(block.type, block.type)
    for table in (RANGES, CHOICES):
        for path, accepted in table.get(type_, {}).items():
            outer, _, last = path.rpartition(".")
            bodies: list[Body] = block.blocks(outer) if outer else objects(block.body)
            yield from ((path, body[last], accepted) for body in bodies if not _is_absent(body.get(last)))


def _refused(block: Block) -> Iterator[str]:
    for path, value, accepted in _values(block):
        if not isinstance(accepted, tuple) or "${" in str(value):
            continue
        if isinstance(accepted[0], str):
            if str(value) not in accepted:
                yield f"has {path} = {value}, which is none of AWS's"
        elif (given := number(value)) is None or not accepted[0] <= given <= accepted[1]:
            yield f"has {path} = {value}; AWS takes {accepted[0]:g} to {accepted[1]:g}"


def _untaken(block: Block) -> Iterator[str]:
    """Roles that the service may not take: AWS refuses them, or the service does nothing."""
    for argument, service in TRUSTS.get(block.type, {}).items():
        for role in block.refers(argument, "aws_iam_role"):
            found = _iam.statements(role.get("assume_role_policy"))
            taking = [principal for one in found if _iam.is_allow(one) for principal in _iam.principals(one)]
            if found and not any(one.startswith(f"{service}.") for one in taking):
                yield f"has {role.address} as {argument}, which {service} may not take"


def _shared(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Roles that others may take besides the services that they are there for."""
    users: dict[str, set[str]] = {}
    for type_, arguments in TRUSTS.items():
        for block in stack.resources(type_):
            for argument, service in arguments.items():
                for role in block.refers(argument, "aws_iam_role"):
                    users.setdefault(role.key, set()).add(f"{service}.amazonaws.com")
    for key, services in users.items():
        taken = stack.at(key)
        if taken is None:
            continue
        for one in _iam.statements(taken.get("assume_role_policy")):
            others = [name for name in _iam.principals(one) if not name.startswith(tuple(services))]
            if _iam.is_allow(one) and others:
                yield (
                    taken,
                    f"lets {', '.join(others)} take it, which is there for {', '.join(sorted(services))}",
                )


def _is_unknown(value: Any, stack: Stack) -> bool:
    """An attribute of a resource of the stack is what the stack says there."""
    text = str(value)
    return "${" in text and ("${data." in text or not stack.referred(text))


check = ArgumentsAreAccepted()
