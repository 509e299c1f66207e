"""Writes the table of docs/embedded-aws.md: `python -m tests.documents.answers`.

A row has a behaviour of AWS, where AWS says so, and the test that shows it. Those of names, limits, unknown
ids and throttled services are the cases of their tests; others are in docs/embedded-aws.toml.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from botocore import xform_name
from botocore.session import get_session
from embedded_aws.rules.rates import CODES, USUAL

from packages.embedded_aws.tests.rules import test_names, test_unknown
from tests.workspaces import ROOT

DOCUMENT = ROOT / "docs" / "embedded-aws.md"
ROWS = ROOT / "docs" / "embedded-aws.toml"
TESTS = ROOT / "packages" / "embedded_aws" / "tests"
LEAST = 60  # rows
_TABLE = re.compile(r"(<!-- generated: answers -->\n).*?(<!-- end -->)", re.DOTALL)
# As AWS calls them, by botocore's names and by prefixes of actions.
SERVICES = {
    "acm": "Certificate Manager",
    "backup": "AWS Backup",
    "cloudwatch": "CloudWatch",
    "dynamodb": "DynamoDB",
    "ec2": "EC2",
    "ecr": "ECR",
    "ecs": "ECS",
    "elasticloadbalancing": "Elastic Load Balancing",
    "elbv2": "Elastic Load Balancing",
    "events": "EventBridge",
    "iam": "IAM",
    "kms": "KMS",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "rds": "RDS",
    "s3": "S3",
    "secretsmanager": "Secrets Manager",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "stepfunctions": "Step Functions",
    "sts": "STS",
}


@dataclass(frozen=True, order=True)
class Row:
    """`test`: file below TESTS, and function."""

    service: str
    behaviour: str
    source: str
    test: str

    def __str__(self) -> str:
        file, _, name = self.test.partition("::")
        link = f"[{name}](../packages/embedded_aws/tests/{file})"
        return f"| {self.service} | {self.behaviour} | {self.source} | {link} |"


def rows() -> list[Row]:
    """All, in order."""
    return sorted((*_written(), *_refused(), *_throttled()))


def _written() -> Iterator[Row]:
    for row in tomllib.loads(ROWS.read_text(encoding="utf-8"))["answer"]:
        yield Row(row["service"], row["behaviour"], row["source"], row["test"])


def _refused() -> Iterator[Row]:
    for module, beginning in ((test_names, "Refuses"), (test_unknown, "Doesn't know")):
        file = f"rules/{module.__name__.rpartition('.')[2]}.py"
        for what, (service, operation, _, code) in module.REFUSED.items():
            name = SERVICES[service]
            source = f"{name} API reference, {_operation(service, operation)}"
            yield Row(name, f"{beginning} {what}: `{code}`", source, f"{file}::test_what_is_refused")


def _throttled() -> Iterator[Row]:
    test = "rules/test_conditions.py::test_each_service_has_its_code"
    for service, (status, code, _) in CODES.items():
        name = SERVICES[service]
        yield Row(name, f"Throttles with `{code}`, status {status}", f"{name} API reference, errors", test)
    what = f"The others throttle with `{USUAL[1]}`, status {USUAL[0]}"
    yield Row("all", what, "each service's API reference, Common Errors", test)


def _operation(service: str, method: str) -> str:
    """CreateDBCluster for create_db_cluster."""
    return _operations(service)[method]


@cache
def _operations(service: str) -> dict[str, str]:
    return {xform_name(name): name for name in get_session().get_service_model(service).operation_names}


def filled(text: str) -> str:
    """The document with its table as it is to be."""
    head = "| service | behaviour | source | test |\n| --- | --- | --- | --- |\n"
    table = "".join(f"{row}\n" for row in rows())
    return _TABLE.sub(lambda match: f"{match[1]}{head}{table}{match[2]}", text)


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
