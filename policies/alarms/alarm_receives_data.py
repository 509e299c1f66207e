"""An alarm looks where AWS publishes data."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_false, objects

from policies._alarms import Alarms, Metric, attribute, metrics, names_resource
from policies._policy import ResourcePolicy
from policies._published import DIMENSIONS, OPERATIONS, dimension_sets
from policies._ringing import exists

_CLUSTER, _INSIGHTS = "aws_ecs_cluster", "ECS/ContainerInsights"
_WEB_ACL = "aws_wafv2_web_acl"
_REFERENCES = ("${aws_backup_vault.", "${aws_cloudwatch_event_rule.", "${aws_sfn_state_machine.")


class AlarmReceivesData(ResourcePolicy):
    policy = "CKV_BG_206"
    title = "Each alarm has dimensions that AWS publishes its metric under, naming resources of the stack"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "Under any other dimensions the metric never has data, so the alarm never rings"
    fix = "set dimensions to those that AWS publishes the metric under, each to the attribute that it takes"
    types = ("aws_cloudwatch_metric_alarm", _CLUSTER)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == _CLUSTER:
            if not _has_insights(resource) and resource.stack.derived(Alarms).watching(
                resource, _INSIGHTS, "DesiredTaskCount", "PendingTaskCount", "RunningTaskCount"
            ):
                yield "has containerInsights off, where alarms look at its metrics"
            return
        for metric in metrics(resource):
            yield from _without_data(metric)


def _without_data(metric: Metric) -> Iterator[str]:
    if not exists(metric):
        where = metric.namespace or "no namespace"
        yield f"looks at {metric.name or 'no metric'} of {where}, which AWS doesn't publish"
        return
    if metric.dimensions.get("Role") not in (None, "WRITER", "READER"):
        yield f"has {metric.dimensions['Role']} as Role of {metric.name}, which is WRITER or READER"
    operation = metric.dimensions.get("Operation")
    if metric.namespace == "AWS/DynamoDB" and operation is not None and operation not in OPERATIONS:
        yield f"has {operation} as Operation of {metric.name}, which is none of DynamoDB's"
    yield from _of_rule(metric)
    yield from _of_alias(metric)
    sets = dimension_sets(metric.namespace, metric.name)
    if sets is not None and frozenset(metric.dimensions) not in sets:
        has = ", ".join(sorted(metric.dimensions)) or "no dimensions"
        could = " or ".join(sorted(" and ".join(sorted(names)) for names in sets))
        yield f"has {has} on {metric.name}, which AWS publishes under {could}"
        return
    for name, value in metric.dimensions.items():
        if name in DIMENSIONS and (wrong := _wrong(metric.alarm, name, str(value or ""))):
            yield f"has {wrong} as {name} of {metric.name}"


def _of_alias(metric: Metric) -> Iterator[str]:
    """`function` or `function:alias`. Source: Lambda developer guide, "Types of metrics"."""
    said = str(metric.dimensions.get("Resource") or "")
    stack = metric.alarm.stack
    if metric.namespace != "AWS/Lambda" or not said:
        return
    for function in stack.referred(metric.dimensions.get("FunctionName"), "aws_lambda_function"):
        aliases = {str(a.get("name")) for a in stack.users(function, "function_name", "aws_lambda_alias")}
        _, _, qualifier = said.replace("${", "").rpartition(":")
        if ":" in said and "${" not in said.rpartition(":")[2] and qualifier not in aliases:
            yield f"has {said} as Resource of {metric.name}, which is no alias of {function.address}"


def _has_insights(cluster: Block) -> bool:
    """Source: CloudWatch user guide, "Amazon ECS Container Insights"."""
    return any(
        setting.get("name") == "containerInsights" and setting.get("value") in ("enabled", "enhanced")
        for setting in cluster.blocks("setting")
    )


def _of_rule(metric: Metric) -> Iterator[str]:
    """The web ACL publishes, under this rule. Source: AWS WAF developer guide, "AWS WAF metrics"."""
    rule = metric.dimensions.get("Rule")
    for acl in metric.alarm.stack.referred(metric.dimensions.get("WebACL"), _WEB_ACL) if rule else ():
        configs = {"ALL": acl.get("visibility_config.cloudwatch_metrics_enabled")}
        for inner in acl.blocks("rule"):
            for config in objects(inner.get("visibility_config")):
                configs[str(config.get("metric_name"))] = config.get("cloudwatch_metrics_enabled")
        if rule not in configs:
            yield f"has {rule} as Rule of {metric.name}, which is no rule of {acl.address}"
        elif is_false(configs[rule]):
            yield f"looks at {metric.name} of {acl.address}, which publishes no metrics"


def _wrong(alarm: Block, name: str, value: str) -> str | None:
    """What is wrong with the value of a dimension."""
    dimension = DIMENSIONS[name]
    candidates = [block for block in alarm.stack.resources(*dimension.types) if names_resource(value, block)]
    for block in candidates:
        used = attribute(value, block)
        if used in dimension.attributes or (used is None and _is_value(value, block, dimension.attributes)):
            return None
    if not candidates and value.startswith(_REFERENCES):
        return None  # Terraform itself refuses a reference to nothing
    if candidates:
        return f"{value}, not the {dimension.attributes[0]} of {candidates[0].address},"
    return f"{value or 'nothing'}, which is none of this stack's,"


def _is_value(value: str, block: Block, attributes: tuple[str, ...]) -> bool:
    return any(block.get(name) == value for name in attributes) or (
        "id" in attributes and value in (block.get("name"), block.get("function_name"))
    )


check = AlarmReceivesData()
