"""Each log group has a writer in the stack."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack, strings

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


class LogGroupsAreWritten(StackPolicy):
    policy = "CKV2_BG_452"
    title = "Each log group has a writer in the stack"
    requirement = None
    pci = "10.2.1"
    severity = "MEDIUM"
    yields = True
    why = "The records are elsewhere than where operators, filters and retention look for them"
    fix = "name the log group in the logging configuration of what it was made for"

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


check = LogGroupsAreWritten()
