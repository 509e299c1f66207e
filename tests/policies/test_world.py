"""The closed world: what no policy understands is exit code 2, and names its block. The rest passes."""

import copy
from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode

from tests.policies import harness
from tests.policies.harness import STACK, Document, name_like, names
from tests.policies.mutants.secrets import ADMISSION

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("pack")]  # no process, but scans

POLICY = "CKV2_BG_260"
REGISTRY = "registry.terraform.io/"
HOST = {"instance_type": "t3.small", "tags": {}}


def merged(original: Document, fragment: Document) -> Document:
    """The fragment's blocks beside the stack's."""
    found = copy.deepcopy(original)
    for kind, blocks in fragment.items():
        if kind not in found:
            found[kind] = blocks
            continue
        for name, inner in blocks.items():
            known = found[kind].get(name, {})
            found[kind][name] = known | inner if isinstance(inner, dict) else inner
    return found


UNKNOWN: list[tuple[Document, str]] = [
    # types of AWS, of other providers, of products beside it
    ({"resource": {"aws_instance": {"h7f3": HOST}}}, "aws_instance.h7f3"),
    ({"resource": {"aws_lightsail_disk": {"b1": {"tags": {}}}}}, "aws_lightsail_disk.b1"),
    ({"resource": {"aws_codebuild_project": {"x9": {"tags": {}}}}}, "aws_codebuild_project.x9"),
    ({"resource": {"null_resource": {"q": {}}}}, "null_resource.q"),
    ({"resource": {"local_file": {"q": {"filename": "assets/switch.zip"}}}}, "local_file.q"),
    ({"resource": {"terraform_data": {"q": {"input": "x"}}}}, "terraform_data.q"),
    # data sources that run programs or ask servers, also in a check
    ({"data": {"external": {"c4": {"program": ["sh", "-c", "true"]}}}}, "data.external.c4"),
    ({"data": {"http": {"c4": {"url": "https://example.org"}}}}, "data.http.c4"),
    ({"data": {"aws_lambda_invocation": {"c4": {"input": "{}"}}}}, "data.aws_lambda_invocation.c4"),
    ({"check": {"up": {"data": {"http": {"d8": {"url": "https://example.org"}}}}}}, "data.http.d8"),
    ({"check": {"up": [{"data": {"external": {"d8": {"program": ["date"]}}}}]}}, "data.external.d8"),
    ({"check": {"up": {"data": [{"dns_a_record_set": {"d8": {"host": "a"}}}]}}}, "data.dns_a_record_set.d8"),
    # ephemeral resources that open something
    ({"ephemeral": {"aws_lambda_invocation": {"e": {}}}}, "ephemeral.aws_lambda_invocation.e"),
    ({"ephemeral": {"tls_private_key": {"e": {}}}}, "ephemeral.tls_private_key.e"),
    ({"ephemeral": {"boundary_session": {"e": {}}}}, "ephemeral.boundary_session.e"),
    # blocks that run something when a resource goes
    ({"removed": [{"from": "aws_vpc.old", "provisioner": [{"local-exec": {"command": "sh x"}}]}]}, STACK),
    ({"removed": {"from": "aws_vpc.old", "provisioner": {"remote-exec": {"inline": ["x"]}}}}, STACK),
    ({"removed": [{"from": "aws_vpc.old", "connection": {"host": "h"}}]}, STACK),
    # where the state is, and what Terraform itself is told
    ({"terraform": {"cloud": {"organization": "o"}}}, STACK),
    ({"terraform": {"experiments": ["x"]}}, STACK),
    ({"terraform": {"backend": {"azurerm": {"key": "x"}}}}, STACK),
    ({"terraform": {"required_providers": {"null": {"source": "mirror.example.net/hashicorp/null"}}}}, STACK),
    ({"terraform": {"required_providers": {"random": {"source": "else/random"}}}}, STACK),
    ({"terraform": {"required_providers": {"terracurl": {"source": "devops-rob/terracurl"}}}}, STACK),
    ({"import": {"for_each": {"a": 1}, "to": "aws_vpc.x", "id": "vpc-1"}}, STACK),
]


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("fragment", "address"), UNKNOWN, ids=[str(part)[:60] for part, _ in UNKNOWN])
def test_what_no_policy_knows_is_not_evaluated(
    fragment: Document, address: str, original: Document, place: Path
) -> None:
    report = harness.evaluate(merged(original, fragment), place)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    errors = [problem for problem in report.errors if problem.policy == POLICY]
    assert [problem.resource for problem in errors] == [address]
    assert "or admit it with a waiver" in errors[0].fix


@pytest.mark.parametrize(
    "trigger",
    [
        {"lifecycle": {"action_trigger": {"events": ["after_create"], "actions": ["action.aws_x.y"]}}},
        {"lifecycle": [{"action_trigger": [{"events": ["before_update"], "actions": ["action.a.b"]}]}]},
        {"connection": {"host": "10.0.0.1"}},
    ],
)
def test_a_meta_argument_that_no_policy_knows(
    trigger: dict[str, Any], original: Document, place: Path
) -> None:
    document = copy.deepcopy(original)
    name = name_like(document, "aws_sns_topic", "")
    document["resource"]["aws_sns_topic"][name] |= trigger
    report = harness.evaluate(document, place)
    assert {(problem.policy, problem.resource) for problem in report.errors} == {
        (POLICY, f"aws_sns_topic.{name}")
    }


@pytest.mark.parametrize(
    "fragment",
    [
        {"ephemeral": {"random_password": {"x": {"length": 32}}}},
        {"ephemeral": {"aws_secretsmanager_random_password": {"x": {"password_length": 32}}}},
        {"check": {"x": {"assert": [{"condition": "${1 == 1}", "error_message": "no"}]}}},
        {"check": {"x": {"data": {"aws_vpc": {"y": {}}}, "assert": {"condition": True}}}},
        {"removed": [{"from": "aws_vpc.old", "lifecycle": {"destroy": False}}]},
        {"moved": {"from": "aws_vpc.old", "to": "aws_vpc.new"}},
        {"import": [{"to": "aws_vpc.x", "id": "vpc-1"}]},
        {"terraform": {"required_version": ">= 1.11"}},
        {"terraform": {"required_providers": {"random": {"source": f"{REGISTRY}hashicorp/random"}}}},
        {"data": {"aws_region": {"here": {}}}},
    ],
    ids=lambda fragment: str(fragment)[:60],
)
def test_what_changes_nothing_passes(fragment: Document, original: Document, place: Path) -> None:
    report = harness.evaluate(merged(original, fragment), place)
    assert (report.errors, harness.pairs(report)) == ((), set())


@pytest.mark.parametrize("condition", ["precondition", "postcondition"])
def test_conditions_of_a_resource_pass(condition: str, original: Document, place: Path) -> None:
    document = copy.deepcopy(original)
    for name in names(document, "aws_vpc"):
        assertion = {"condition": '${self.cidr_block != ""}', "error_message": "no network"}
        document["resource"]["aws_vpc"][name]["lifecycle"] = {condition: [assertion]}
    report = harness.evaluate(document, place)
    assert (report.errors, harness.pairs(report)) == ((), set())


@pytest.mark.parametrize(("without", "said"), [("", ""), ("owner", "names no owner"), ("comment", "not one")])
def test_it_is_admitted_with_owner_reason_and_expiry(
    without: str, said: str, original: Document, place: Path
) -> None:
    entry = {key: value for key, value in ADMISSION.items() if key != without}
    host = HOST | {"//": {"checkov": {"skip": [entry]}}}
    report = harness.evaluate(merged(original, {"resource": {"aws_instance": {"h": host}}}), place)
    assert [said in problem.message for problem in report.errors[:1]] == ([True] if said else [])
    if not said:
        assert [item.reason for item in report.waived] == ["a host for tests (owner: tests)"]
