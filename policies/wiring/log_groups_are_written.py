"""Each log group has a writer in the stack."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, listed, strings

from policies._policy import StackPolicy

GROUP = "aws_cloudwatch_log_group"
# Type → the arguments that name where it writes.
_WRITERS = {
    "aws_ecs_cluster": "configuration",
    "aws_ecs_task_definition": "container_definitions",
    "aws_flow_log": "log_destination",
    "aws_networkfirewall_logging_configuration": "logging_configuration",
    "aws_sfn_state_machine": "logging_configuration.log_destination",
    "aws_wafv2_web_acl_logging_configuration": "log_destination_configs",
}
# What AWS calls the group by, by the writer's name. Sources: Lambda developer guide, "Sending function
# logs to CloudWatch Logs"; Aurora user guide, "Publishing logs to CloudWatch Logs"; CloudWatch user guide,
# "Container Insights".
_NAMED = {
    "aws_lambda_function": "/aws/lambda/{}",
    "aws_rds_cluster": "/aws/rds/cluster/{}/",
    "aws_ecs_cluster": "/aws/ecs/containerinsights/{}/",
}
_INSIGHTS = ("enabled", "enhanced")


class LogGroupsAreWritten(StackPolicy):
    policy = "CKV2_BG_452"
    title = "Each log group has a writer in the stack, and each writer its log group"
    requirement = None
    pci = "10.2.1"
    severity = "MEDIUM"
    yields = True
    why = (
        "The records are elsewhere than where operators, filters and retention look for them; a group that "
        "AWS makes by itself has no key and no retention"
    )
    fix = (
        "name the log group in the logging configuration of what it was made for; add an "
        "aws_cloudwatch_log_group of the name that AWS gives it"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        written = {
            group.key
            for type_, argument in _WRITERS.items()
            for block in stack.resources(type_)
            for group in block.refers(argument, GROUP)
        }
        prefixes = tuple(
            form.format(block.called) for type_, form in _NAMED.items() for block in stack.resources(type_)
        )
        for group in stack.resources(GROUP):
            name = " ".join(strings(group.get("name")))
            of_aws = name.startswith(prefixes) or "${" in name or group.get("name_prefix")
            if not of_aws and group.key not in written:
                yield group, "is written by nothing in the stack"
        names = [str(group.get("name")) for group in stack.resources(GROUP)]
        for block, name in _expected(stack):
            if "${" not in name and name not in names and not any("${" in one for one in names):
                yield block, f"writes to {name}, which is no log group of the stack"


def _expected(stack: Stack) -> Iterator[tuple[Block, str]]:
    """(writer, name of the group that AWS makes for it, if it is not there)."""
    for function in stack.resources("aws_lambda_function"):
        if not function.get("logging_config.log_group"):
            yield function, _NAMED["aws_lambda_function"].format(function.called)
    for cluster in stack.resources("aws_rds_cluster"):
        for log in listed(cluster.get("enabled_cloudwatch_logs_exports")):
            yield cluster, f"{_NAMED['aws_rds_cluster'].format(cluster.called)}{log}"
    for cluster in stack.resources("aws_ecs_cluster"):
        if any(
            one.get("name") == "containerInsights" and one.get("value") in _INSIGHTS
            for one in cluster.blocks("setting")
        ):
            yield cluster, f"{_NAMED['aws_ecs_cluster'].format(cluster.called)}performance"


check = LogGroupsAreWritten()
