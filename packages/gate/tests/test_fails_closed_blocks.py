"""Blocks that Checkov breaks on or leaves out: evaluated all the same, or exit code 2 and the reason."""

from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode
from stack_gate.report import Report

from packages.gate.tests.builder import (
    KEY,
    PLAIN_GROUP,
    UNENCRYPTED,
    allow,
    found,
    messages,
    policy,
    scan,
    write,
)

DEFECT = {"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}}
EVERYTHING = policy(allow(Action="*"))


@pytest.mark.parametrize(
    "blocks",
    [
        {"terraform": {"required_version": ">= 1.11"}},
        {"terraform": {"required_version": ">= 1.11", "cloud": {"organization": "o"}, "experiments": ["x"]}},
        {"import": [{"to": "aws_cloudwatch_log_group.group", "id": "group"}]},
        {"import": {"to": "aws_cloudwatch_log_group.group", "id": "group"}},
        {"moved": [{"from": "aws_cloudwatch_log_group.old", "to": "aws_cloudwatch_log_group.group"}]},
        {"removed": [{"from": "aws_cloudwatch_log_group.old", "lifecycle": {"destroy": False}}]},
        {"locals": {"nested": [["a"], ["b"]], "nothing": None}},
        {"variable": {"a": {"default": "x"}}, "output": {"b": {"value": '${var.a == "x" ? 1 : 2}'}}},
        {"output": {"nested": {"value": [["a"], ["b"]]}, "nothing": {"value": None}}},
        {"data": {"aws_x": {"y": {"a": "a > b ? c", "b": "$${a > b}", "c": '${upper("a > b")} < c'}}}},
        {"variable": {"nothing": {"default": None}, "any": {}}},
        {"data": {"aws_caller_identity": {"current": {}}}},
        {"provider": {"aws": {"region": "us-east-1"}}},
        {"provider": {}},
    ],
)
def test_blocks_that_say_nothing_about_a_resource(tmp_path: Path, blocks: dict[str, Any]) -> None:
    report = scan(write(tmp_path, resource=DEFECT, **blocks))
    assert found(report) == {UNENCRYPTED}
    assert report.errors == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"count": 2}, "aws_cloudwatch_log_group.group has count"),
        ({"count": 0}, "aws_cloudwatch_log_group.group has count"),
        ({"count": "${length(local.names)}"}, "aws_cloudwatch_log_group.group has count"),
        ({"for_each": {"a": 1}}, "aws_cloudwatch_log_group.group has for_each"),
        ({"for_each": '${toset(["a"])}'}, "aws_cloudwatch_log_group.group has for_each"),
        ({"dynamic": {"timeouts": {"for_each": ["a"], "content": {}}}}, 'has dynamic "timeouts"'),
        ({"dynamic": [{"timeouts": [{"for_each": ["a"], "content": {}}]}]}, 'has dynamic "timeouts"'),
        ({"a": [{"dynamic": {"b": {"for_each": [1], "content": {}}}}]}, 'has dynamic "b"'),
        ({"a": [["x"], ["y"]]}, "a is a list of lists"),
        ({"a": {"b": ["x", {"c": 1}]}}, "a.b is a list of lists, or mixes"),
        ({"a": '${aws_kms_key.key.id != "x"}'}, 'the condition ${aws_kms_key.key.id != "x"}'),
        ({"a": ["${data.aws_x.y.z ? 1 : {}}"]}, "the condition ${data.aws_x.y.z ? 1 : {}}"),
        ({"a": '${local.n > 1 && local.n < 3 ? "a" : "b"}'}, "has the condition ${local.n > 1"),
        ({"a": {"b": "${[for x in local.l : upper(x)]}"}}, "the condition ${[for x in"),
        ({"a": "x%{ if local.n }y%{ endif }"}, "the condition %{ if local.n }"),
        ({"name": "${var.name}"}, "depends on var.name, which has no default"),
        ({"name": 'x-${upper(var.name)}-${"y"}'}, "depends on var.name, which has no default"),
        ({"tags": {"Name": ["${var.name}"]}}, "depends on var.name, which has no default"),
    ],
)
def test_values_that_are_not_in_the_json(tmp_path: Path, body: dict[str, Any], reason: str) -> None:
    """The rest of the resource, and the resources after it, are evaluated nevertheless."""
    resources = {"aws_cloudwatch_log_group": {"group": PLAIN_GROUP | body, "second": PLAIN_GROUP}}
    report = scan(write(tmp_path, resource=resources, variable={"name": {"type": "string"}}))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert reason in messages(report)
    assert {problem.resource for problem in report.errors} == {UNENCRYPTED[1]}
    assert found(report) == {UNENCRYPTED, (UNENCRYPTED[0], "aws_cloudwatch_log_group.second")}


def test_a_secret_variable_needs_no_default(tmp_path: Path) -> None:
    cluster = {"aws_db_instance": {"db": {"password": "${var.secret}"}}}
    secret = {"secret": {"type": "string", "sensitive": True}}
    assert scan(write(tmp_path, resource=cluster, variable=secret)).errors == ()


def test_an_environment_variable_called_dynamic(tmp_path: Path) -> None:
    function = {
        "function_name": "f",
        "role": "r",
        "environment": {"variables": {"dynamic": "x", "count": "2"}},
    }
    assert scan(write(tmp_path, resource={"aws_lambda_function": {"f": function}})).errors == ()


def test_a_static_block_beside_a_dynamic_one_is_evaluated(tmp_path: Path) -> None:
    rule = {
        "from_port": 22,
        "to_port": 22,
        "protocol": "tcp",
        "cidr_blocks": ["0.0.0.0/0"],
        "description": "d",
    }
    dynamic = {"ingress": {"for_each": [1], "content": rule | {"cidr_blocks": ["10.0.0.0/8"]}}}
    group = {"description": "d", "ingress": [rule], "dynamic": dynamic}
    assert ("CKV_AWS_24", "aws_security_group.g") in found(
        scan(write(tmp_path, resource={"aws_security_group": {"g": group}}))
    )


@pytest.mark.parametrize("source", ["./assets/module", "terraform-aws-modules/vpc/aws"])
def test_the_resources_of_a_module_are_not_in_the_json(tmp_path: Path, source: str) -> None:
    report = scan(write(tmp_path, module={"vpc": {"source": source, "version": "5.0.0"}}))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "module.vpc is a module: its resources are not in the JSON" in messages(report)


@pytest.mark.parametrize(
    "expression",
    [
        "${var.document}",
        '${file("policy.json")}',
        '${templatefile("policy.tpl", {})}',
        "${data.aws_s3_object.document.body}",
        "${data.aws_iam_policy_document.merged.json}",
        "${jsonencode(aws_ssm_parameter.x.value)}",
        '{"Statement": ${jsonencode(aws_ssm_parameter.x.value)}}',
        "${module.policies.document}",
    ],
)
@pytest.mark.parametrize("argument", ["policy", "assume_role_policy"])
def test_a_policy_document_that_is_not_in_the_json(tmp_path: Path, expression: str, argument: str) -> None:
    type_ = "aws_iam_policy" if argument == "policy" else "aws_iam_role"
    sources = {"merged": {"source_policy_documents": ['${file("a.json")}']}}
    output = write(
        tmp_path,
        resource={type_: {"x": {argument: expression}}},
        data={"aws_iam_policy_document": sources},
        variable={"document": {"type": "string", "sensitive": True}},
    )
    report = scan(output)
    assert report.exit_code is ExitCode.NOT_EVALUATED
    (said,) = (problem for problem in report.errors if "is an expression" in problem.message)
    assert said.message.startswith(f"{type_}.x: its {argument} is an expression")
    assert all("has the call" in problem.message for problem in report.errors if problem is not said)


STATES = "aws_networkfirewall_firewall.x.firewall_status[0].sync_states"
ENTRY = f'one([for s in {STATES} : s.attachment[0].endpoint_id if s.availability_zone == "us-east-1a"])'


def route(tmp_path: Path, expression: str) -> Report:
    return scan(write(tmp_path, resource={"aws_route": {"x": {"vpc_endpoint_id": f"${{{expression}}}"}}}))


def test_one_entry_of_what_an_apply_tells_is_a_reference(tmp_path: Path) -> None:
    """Whichever it is, it is an attribute of that resource."""
    assert route(tmp_path, ENTRY).errors == ()


@pytest.mark.parametrize(
    "expression",
    [
        ENTRY.replace(STATES, "local.states"),
        ENTRY.replace(STATES, f"tolist({STATES})"),
        ENTRY.replace("s.attachment[0].endpoint_id", '"vpce-1"'),
        ENTRY.replace("s.attachment[0].endpoint_id", "aws_vpc_endpoint.other.id"),
        ENTRY.replace('== "us-east-1a"', '!= "us-east-1a"'),
    ],
)
def test_any_other_choice_is_not_evaluated(tmp_path: Path, expression: str) -> None:
    assert route(tmp_path, expression).errors


def test_a_role_without_a_readable_inline_policy(tmp_path: Path) -> None:
    role = {"assume_role_policy": policy(), "inline_policy": [{"name": "a", "policy": '${file("a.json")}'}]}
    report = scan(write(tmp_path, resource={"aws_iam_role": {"r": role}}))
    assert "aws_iam_role.r: its policy is an expression" in messages(report)


def test_a_document_that_the_analysis_of_iam_policies_can_not_take(tmp_path: Path) -> None:
    broken = policy({"Effect": "Allow", "Action": 5, "Resource": "*"})
    report = scan(write(tmp_path, resource={"aws_iam_policy": {"p": {"policy": broken}}}))
    assert {(problem.policy, problem.resource) for problem in report.errors} == {
        (f"CKV_AWS_{number}", "aws_iam_policy.p") for number in (286, 287, 288, 289, 290, 355)
    }


@pytest.mark.parametrize(
    ("type_", "body", "check"),
    [
        ("aws_rds_cluster", {"storage_encrypted": "${data.aws_ssm_parameter.x.value}"}, "CKV_AWS_96"),
        ("aws_db_instance", {"publicly_accessible": "${data.aws_ssm_parameter.x.value}"}, "CKV_AWS_17"),
        ("aws_db_instance", {"publicly_accessible": "${anytrue([aws_ssm_parameter.x.value])}"}, None),
        ("aws_sqs_queue", {"kms_master_key_id": "${data.aws_kms_alias.x.arn}"}, "CKV2_AWS_73"),
    ],
)
def test_a_value_that_only_an_apply_will_give(
    tmp_path: Path, type_: str, body: dict[str, Any], check: str | None
) -> None:
    report = scan(
        write(tmp_path, resource={type_: {"x": body}, "aws_ssm_parameter": {"x": {"type": "String"}}})
    )
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert (check, f"{type_}.x") in {(problem.policy, problem.resource) for problem in report.errors}
    assert (check, f"{type_}.x") not in found(report)


def test_a_reference_to_a_key_of_the_stack_is_as_good_as_its_value(tmp_path: Path) -> None:
    queue = {"kms_master_key_id": "${aws_kms_key.key.arn}"}
    report = scan(write(tmp_path, resource={"aws_sqs_queue": {"q": queue}, "aws_kms_key": {"key": KEY}}))
    assert (report.errors, found(report)) == ((), set())


def test_blocks_that_checkov_loses(tmp_path: Path) -> None:
    """It gives up a block that it can't take, with all that come after, and logs that."""
    resources = {"aws_vpc": {"vpc": {"provisioner": "x"}}, "aws_cloudwatch_log_group": {"group": PLAIN_GROUP}}
    report = scan(write(tmp_path, resource=resources))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    for address in ("aws_vpc.vpc", "aws_cloudwatch_log_group.group"):
        assert f"{address} got lost in Checkov" in messages(report)


def test_a_crash_of_checkov_is_an_error_of_the_stack(tmp_path: Path) -> None:
    resources = {"aws_cloudwatch_log_group": {"group": PLAIN_GROUP | {"tags": {"x": {"tags": [{"a": [1]}]}}}}}
    bad = {"aws_iam_policy_document": {"x": {"statement": [{"principals": ["everybody"]}]}}}
    report = scan(write(tmp_path, resource=resources, data=bad))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "payments can't be evaluated: TypeError" in messages(report)


@pytest.mark.parametrize(
    ("type_", "body", "reason"),
    [
        ("terraform_data", {"provisioner": {"local-exec": {"command": "x"}}}, "has a provisioner"),
        ("null_resource", {"provisioner": [{"remote-exec": {"inline": ["x"]}}]}, "has a provisioner"),
        ("aws_cloudformation_stack", {"name": "x", "template_body": "{}"}, "makes resources that no policy"),
        (
            "aws_cloudcontrolapi_resource",
            {"type_name": "AWS::RDS::DBCluster"},
            "makes resources that no policy",
        ),
        ("awscc_rds_db_cluster", {"storage_encrypted": False}, "makes resources that no policy"),
    ],
)
def test_what_a_resource_does_beyond_the_json(
    tmp_path: Path, type_: str, body: dict[str, Any], reason: str
) -> None:
    report = scan(write(tmp_path, resource={type_: {"x": body}}))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert f"{type_}.x {reason}" in messages(report)


@pytest.mark.parametrize("value", [[{"encrypted": True}, {"encrypted": False}], [{"encrypted": True}] * 2])
def test_a_local_that_is_there_twice(tmp_path: Path, value: list[dict[str, bool]]) -> None:
    """Terraform refuses it; this gate would take one of them for both."""
    report = scan(write(tmp_path, locals=value))
    assert report.exit_code is ExitCode.NOT_EVALUATED
    assert "local.encrypted is there twice" in messages(report)
