"""VPC endpoints, and the AWS services that functions inside the VPC call."""

import re

from stack_gate.stack import Block, Body, Stack

from policies import _iam

GATEWAY_SERVICES = ("dynamodb", "s3")

# An IAM prefix is the name of the endpoint's service, but for these.
ENDPOINT_OF = {
    "aps": "aps-workspaces",
    "cloudwatch": "monitoring",
    "ecr": "ecr.api",
    "firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
    "ses": "email-smtp",
    "states": "states",
}
# Granted to the role of a function, used by Lambda itself, from outside the VPC.
# Asked for when another API is called: no endpoint of IAM's own.
_NO_CALL = "iam:passrole"
CALLED_BY_LAMBDA = frozenset({"ec2", "kms", "logs", "xray"})


class Endpoints:
    """The endpoints of one stack."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        found = [(service_of(block), block) for block in stack.resources("aws_vpc_endpoint")]
        self.gateways = [(s, b) for s, b in found if b.get("vpc_endpoint_type") in (None, "Gateway")]
        self.interfaces = [(s, b) for s, b in found if b.get("vpc_endpoint_type") == "Interface"]

    def called(self, function: Block) -> set[str]:
        """The services whose API the function's code may call, as endpoints name them."""
        statements = self._stack.derived(_iam.Roles).of_function(function)
        return {
            ENDPOINT_OF.get(service, service)
            for statement in statements
            if _iam.is_allow(statement)
            for action in _iam.actions(statement)
            if (service := action.partition(":")[0].lower()) not in CALLED_BY_LAMBDA
            and action.lower() != _NO_CALL
            and not self._is_for_lambda(function, statement)
        }

    def _is_for_lambda(self, function: Block, statement: Body) -> bool:
        """Whether the statement is about the function's dead letters: it is Lambda that delivers them."""
        targets = function.refers("dead_letter_config.target_arn", "aws_sqs_queue", "aws_sns_topic")
        granted = self._stack.referred(_iam.resources(statement), "aws_sqs_queue", "aws_sns_topic")
        return bool(granted) and all(block in targets for block in granted)


def service_of(endpoint: Block) -> str:
    """`ssm` of `com.amazonaws.us-east-1.ssm`, whatever stands for the region."""
    return re.sub(
        r"^.*amazonaws\.(?:[^.]*\{[^}]*\}|[^.{]+|.*)\.(?=[\w.-]+$)",
        "",
        str(endpoint.get("service_name") or ""),
    )
