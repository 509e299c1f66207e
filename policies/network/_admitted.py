"""What the groups of tasks and of endpoints admit by addresses."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, LOAD_BALANCERS, RULES, TARGET_GROUPS, Block, Body, Stack

from policies.data._access import GROUPS, is_inside, networks

_DATABASES = ("aws_db_instance", "aws_rds_cluster")
_MEMBERS = {
    **dict.fromkeys(_DATABASES, "vpc_security_group_ids"),
    **dict.fromkeys(LOAD_BALANCERS, "security_groups"),
    "aws_ecs_service": "network_configuration.security_groups",
    "aws_lambda_function": "vpc_config.security_group_ids",
    "aws_vpc_endpoint": "security_group_ids",
}
_RULE, _OLDER = "aws_vpc_security_group_ingress_rule", "aws_security_group_rule"


def past_the_balancer(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Rules that let addresses reach tasks whose clients come through a load balancer with a group, and
    addresses from outside of the VPC reach endpoints and functions.
    """
    tasks, inner = _tasks(stack), _inner(stack)
    for block, rule, groups in _ways_in(stack):
        for group in groups:
            if group.key not in tasks | inner:
                continue
            for network in networks(rule, group):
                if group.key in tasks:
                    yield block, f"admits {network} to tasks, past the load balancer and its web firewall"
                elif not is_inside(network, group):
                    yield block, f"admits {network} from outside the VPC"


def astray(stack: Stack) -> Iterator[tuple[Block, str]]:
    """Groups that are there for one kind of resource, on another; rules of the default group."""
    kinds = (
        (_DATABASES, _MEMBERS[_DATABASES[0]]),
        (LOAD_BALANCERS, _MEMBERS[LOAD_BALANCERS[0]]),
        *(((type_,), _MEMBERS[type_]) for type_ in ("aws_ecs_service", "aws_vpc_endpoint")),
    )
    owners = [
        {group.key: block for block in stack.resources(*types) for group in block.refers(argument, *GROUPS)}
        for types, argument in kinds
    ]
    for (types, _), own in zip(kinds, owners, strict=True):
        for type_, argument in _MEMBERS.items():
            for block in stack.resources(type_) if type_ not in types else ():
                for group in block.refers(argument, *GROUPS):
                    if group.key in own:
                        yield block, f"has {group.address}, whose rules are for {own[group.key].address}"
    for rule in stack.resources(_RULE, _OLDER, "aws_vpc_security_group_egress_rule"):
        if "default_security_group_id" in str(rule.get("security_group_id")):
            yield rule, "opens the VPC's default group, which is to have no rules"


def _ways_in(stack: Stack) -> Iterator[tuple[Block, Body, list[Block]]]:
    for group in stack.resources(*GROUPS):
        yield from ((group, rule, [group]) for rule in group.blocks("ingress"))
    for rule in stack.resources(_RULE, _OLDER):
        if rule.type == _RULE or rule.get("type") == "ingress":
            yield rule, rule.body, rule.refers("security_group_id", *GROUPS)


def _tasks(stack: Stack) -> set[str]:
    """The groups of services that only load balancers with security groups forward to."""
    forwarding = [
        balancer
        for listener in stack.resources(*LISTENERS)
        for balancer in listener.refers("load_balancer_arn", *LOAD_BALANCERS)
    ]
    types = {str(balancer.get("load_balancer_type") or "application") for balancer in forwarding}
    if types != {"application"}:
        return set()
    there = {
        group.key
        for block in stack.resources(*LISTENERS, *RULES)
        for group in stack.referred([block.get("default_action"), block.get("action")], *TARGET_GROUPS)
    }
    return {
        group.key
        for service in stack.resources("aws_ecs_service")
        if any(found.key in there for found in stack.referred(service.get("load_balancer"), *TARGET_GROUPS))
        for group in service.refers("network_configuration.security_groups", *GROUPS)
    }


def _inner(stack: Stack) -> set[str]:
    found = [endpoint.get("security_group_ids") for endpoint in stack.resources("aws_vpc_endpoint")]
    found += [function.get("vpc_config") for function in stack.resources("aws_lambda_function")]
    return {group.key for group in stack.referred(found, *GROUPS)}
