"""ARNs as AWS will give them, of resources whose names the stack gives: for policies that are evaluated."""

import json
import re
from typing import Any

from stack_gate.stack import Block, Stack

from policies._accounts import Accounts
from policies.platform._providers import aws

_REFERENCE = re.compile(r"\$\{((?:data\.)?[a-z]\w*\.[\w-]+)((?:\[[^]]{1,40}\])?(?:\.[\w-]+)*)\}")
_SERVICES = {
    "aws_sns_topic": ("sns", "{name}"),
    "aws_kms_key": ("kms", "key/{label}"),
    "aws_cloudwatch_metric_alarm": ("cloudwatch", "alarm:{name}"),
    "aws_cloudwatch_composite_alarm": ("cloudwatch", "alarm:{name}"),
    "aws_secretsmanager_secret": ("secretsmanager", "secret:{name}-AbCdEf"),
    "aws_rds_cluster": ("rds", "cluster:{name}"),
    "aws_dynamodb_table": ("dynamodb", "table/{name}"),
    "aws_backup_vault": ("backup", "backup-vault:{name}"),
    "aws_lambda_function": ("lambda", "function:{name}"),
    "aws_sqs_queue": ("sqs", "{name}"),
}
_ACCOUNT = "000000000000"  # where the stack names none
_PARTITIONS = (("us-gov-", "aws-us-gov"), ("cn-", "aws-cn"), ("eusc-", "aws-eusc"))


def partition_of(region: str) -> str:
    """The partition that a region is in."""
    return next((name for start, name in _PARTITIONS if region.startswith(start)), "aws")


class Arns:
    """Those of one stack, under its provider's account and region."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.account = next(iter(sorted(stack.derived(Accounts).own)), _ACCOUNT)
        regions = [str(provider.get("region")) for provider in aws(stack) if provider.get("region")]
        self.region = regions[0] if regions else "us-east-1"
        self.partition = partition_of(self.region)

    def of(self, block: Block) -> str:
        """The ARN of a resource."""
        service, form = _SERVICES.get(
            block.type, (block.type.removeprefix("aws_").replace("_", "-"), "{label}")
        )
        resource = form.format(name=block.called, label=block.label)
        if block.type == "aws_s3_bucket":
            return f"arn:{self.partition}:s3:::{block.get('bucket') or block.label}"
        if block.type == "aws_ssm_parameter":
            return self.named("ssm", f"parameter/{str(block.get('name')).lstrip('/')}")
        if block.type == "aws_iam_role":
            return self.role(str(block.get("path") or "/").lstrip("/") + block.called)
        return self.named(service, resource)

    def named(self, service: str, resource: str) -> str:
        """An ARN of the stack's own region and account."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def role(self, name: str) -> str:
        """The ARN of a role of the stack's own account; `name` with the path that it has."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"

    def put(self, text: str) -> str:
        """A text with ARNs and names in the places of references; ${…} of IAM stays."""
        return _REFERENCE.sub(self._value, text)

    def document(self, value: Any) -> str:
        """A policy document as text, with ARNs."""
        return self.put(value if isinstance(value, str) else json.dumps(value))

    def _value(self, match: re.Match[str]) -> str:
        block, attribute = self._stack.at(match[1]), match[2].rpartition(".")[2]
        if match[1].startswith("data."):
            known = {
                "account_id": self.account, "partition": self.partition, "dns_suffix": "amazonaws.com",
                "region": self.region, "name": self.region, "id": self.region,
            }  # fmt: skip
            if "caller_identity" in match[1]:
                return self.account
            return known.get(attribute, match[0])
        if block is None:
            return match[0]
        if attribute == "arn" or (attribute == "id" and block.type == "aws_sns_topic"):
            return self.of(block)
        return block.called
