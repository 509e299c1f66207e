"""What was found wrongly on stacks of other projects, in the smallest form; and the defect beside it, which
is found.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import stack_gate as gate

from packages.gate.tests.builder import TODAY, write
from tests.policies import harness

pytestmark = pytest.mark.usefixtures("pack")

PROVIDER = "arn:aws:iam::111122223333:oidc-provider/oidc.example.net"
SUBJECT = '${join("", [replace(aws_eks_cluster.c.identity[0].oidc[0].issuer, "https://", ""), ":sub"])}'


def policy(**statement: Any) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement]}
    )


def rights(**statement: Any) -> dict[str, Any]:
    return {"aws_iam_policy": {"x": {"name": "x", "policy": policy(**statement)}}}


def trust(key: str) -> dict[str, Any]:
    document = policy(
        Principal={"Federated": PROVIDER},
        Action="sts:AssumeRoleWithWebIdentity",
        Condition={"StringEquals": {key: "system:serviceaccount:a:b"}},
    )
    return {"aws_iam_role": {"x": {"assume_role_policy": document}}}


def function(**arguments: Any) -> dict[str, Any]:
    return {"aws_lambda_function": {"x": {"function_name": "x", "role": "x", **arguments}}}


def found(place: Path, resource: dict[str, Any], **blocks: Any) -> set[str]:
    """The policies that speak about the resource `x`, or a module of that name."""
    report = harness.evaluate({"resource": {"random_pet": {"y": {}}, **resource}, **blocks}, place)
    return {policy for policy, address in harness.pairs(report) if address.endswith(".x")}


LIKE = "Bq7-Rf2kZp0wXs9Lm4Tv"  # what a secret looks like
SERVICE = {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}}
CASES = {
    "a placeholder for a statement": (
        "CKV_BG_241",
        rights(Action="none:null"),
        rights(Action="sqs:SendMessage"),
    ),
    "the role that one service makes": (
        "CKV_BG_241",
        rights(Action="iam:CreateServiceLinkedRole", Condition=SERVICE),
        rights(Action="iam:CreateServiceLinkedRole"),
    ),
    "a subject under a key that an expression makes": (
        "CKV_BG_243",
        trust(SUBJECT),
        trust(SUBJECT.replace(":sub", ":aud")),
    ),
    "where an object lies": (
        "CKV2_BG_250",
        function(s3_bucket="b", s3_key=LIKE),
        function(environment={"variables": {"SIGNING_KEY": LIKE}}),
    ),
}


@pytest.mark.parametrize(("policy", "accepted", "refused"), CASES.values(), ids=CASES)
def test_it_is_no_finding_and_its_neighbour_is_one(
    policy: str, accepted: dict[str, Any], refused: dict[str, Any], place: Path
) -> None:
    assert policy not in found(place, accepted)
    assert policy in found(place, refused)


def backend(**more: Any) -> dict[str, Any]:
    own = {"bucket": "states", "key": "a", "region": "us-east-1", "encrypt": True, "use_lockfile": True}
    return {"backend": {"s3": {**own, "kms_key_id": "alias/states", **more}}}


@pytest.mark.parametrize(
    ("more", "refused"),
    [
        ({"use_lockfile": False, "dynamodb_table": "locks"}, False),
        ({"use_lockfile": False}, True),
        ({"acl": "bucket-owner-full-control"}, False),
        ({"acl": "public-read"}, True),
        ({"dynamodb_endpoint": "https://locks.example.net"}, True),
    ],
)
def test_locks_and_the_owner_of_the_bucket_are_no_strangers(
    more: dict[str, Any], refused: bool, place: Path
) -> None:
    document = {"resource": {"random_pet": {"y": {}}}, "terraform": backend(**more)}
    report = harness.evaluate(document, place)
    assert ("CKV2_BG_271" in {finding.policy for finding in report.findings}) is refused


COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("module", "refused"),
    [
        ({"source": "terraform-aws-modules/vpc/aws", "version": "5.1.0"}, False),
        ({"source": "modules.example.net/team/vpc/aws//inner", "version": "= 5.1.0"}, False),
        ({"source": "./modules/vpc"}, False),
        ({"source": f"git::https://git.example.net/vpc.git?ref={COMMIT}"}, False),
        ({"source": f"github.com/team/vpc?ref={COMMIT}&depth=1"}, False),
        ({"source": "terraform-aws-modules/vpc/aws", "version": "~> 5.1"}, True),
        ({"source": "terraform-aws-modules/vpc/aws"}, True),
        ({"source": "git::https://git.example.net/vpc.git?ref=main"}, True),
        ({"source": "git::https://git.example.net/vpc.git?ref=v1.2.3"}, True),
        ({"source": "github.com/team/vpc"}, True),
        ({"source": "https://example.net/vpc.zip"}, True),
        ({"source": "${var.source}"}, True),
    ],
)
def test_modules_have_a_version_or_a_commit(module: dict[str, str], refused: bool, place: Path) -> None:
    assert ("CKV2_BG_262" in found(place, {}, module={"x": module})) is refused


def test_a_queue_without_a_key_is_one_finding_that_names_the_key(tmp_path: Path) -> None:
    output = write(tmp_path, resource={"aws_sqs_queue": {"x": {"name": "x"}}})
    report = gate.scan(output, policies=harness.POLICIES, today=TODAY, profile="general")
    found_ = {finding.policy for finding in report.findings if finding.resource == "aws_sqs_queue.x"}
    assert "CKV_BG_5" in found_
    assert "CKV_AWS_27" not in found_
