"""Defects that Checkov does not see in CDKTF's JSON, and this gate does."""

import json
from pathlib import Path
from typing import Any

import pytest

from packages.gate.tests.builder import allow, found, messages, policy, scan, write

IAM = allow(Action="iam:*")
WORLD = {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"], "description": "d"}
OFFICE = WORLD | {"cidr_blocks": ["10.0.0.0/8"]}
ALL_ABOUT_IAM = {"CKV2_AWS_40", "CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_289", "CKV_AWS_355"}


def of(report_of: Path, resource: str) -> set[str]:
    """The policies that fail on `resource`."""
    return {policy_ for policy_, address in found(scan(report_of)) if address == resource}


@pytest.mark.parametrize(
    "document",
    [
        policy(IAM),
        json.dumps({"Version": "2012-10-17", "Statement": IAM}),
        '${jsonencode({"Statement" = [{"Effect" = "Allow", "Action" = ["iam:*"], "Resource" = "*"}]})}',
        '${jsonencode({"Statement" = {"Effect" = "Allow", "Action" = "iam:*", "Resource" = ["*", a.b.c]}})}',
        "${data.aws_iam_policy_document.iam.json}",
        "${local.document}",
        "${var.document}",
        "${local.parts.first[1]}",
        '${local.parts["first"][1]}',
        "${aws_iam_policy.copied.policy}",
    ],
    ids=[
        "string",
        "one statement",
        "jsonencode",
        "jsonencode with a reference",
        "data source",
        "local",
        "variable",
        "path",
        "quoted path",
        "another resource",
    ],
)
def test_what_a_policy_document_allows(tmp_path: Path, document: str) -> None:
    output = write(
        tmp_path,
        resource={"aws_iam_policy": {"copied": {"policy": policy(IAM)}, "x": {"policy": document}}},
        data={
            "aws_iam_policy_document": {"iam": {"statement": [{"actions": ["iam:*"], "resources": ["*"]}]}}
        },
        locals={
            "document": "${local.chained}",
            "chained": policy(IAM),
            "parts": {"first": ["", policy(IAM)]},
        },
        variable={"document": {"default": policy(IAM)}},
    )
    report = scan(output)
    assert report.errors == ()
    assert {policy_ for policy_, address in found(report) if address == "aws_iam_policy.x"} == ALL_ABOUT_IAM


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}])
@pytest.mark.parametrize(
    ("type_", "argument", "check"),
    [
        ("aws_iam_role", "assume_role_policy", "CKV_AWS_60"),
        ("aws_kms_key", "policy", "CKV_AWS_33"),
        ("aws_sqs_queue", "policy", "CKV_AWS_168"),
        ("aws_sns_topic_policy", "policy", "CKV_AWS_169"),
        ("aws_s3_bucket_policy", "policy", "CKV_AWS_70"),
        ("aws_ecr_repository_policy", "policy", "CKV_AWS_32"),
        ("aws_glacier_vault", "access_policy", "CKV_AWS_167"),
    ],
)
def test_whom_a_policy_document_admits(
    tmp_path: Path, type_: str, argument: str, check: str, principal: Any
) -> None:
    document = policy(allow(Principal=principal, Action="x:*"))
    assert check in of(write(tmp_path, "string", resource={type_: {"x": {argument: document}}}), f"{type_}.x")


def test_whom_a_data_source_admits(tmp_path: Path) -> None:
    statement = {"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["*"]}]}
    output = write(
        tmp_path,
        resource={
            "aws_iam_role": {"x": {"assume_role_policy": "${data.aws_iam_policy_document.trust.json}"}}
        },
        data={"aws_iam_policy_document": {"trust": {"statement": statement}}},
    )
    assert of(output, "aws_iam_role.x") == {"CKV_AWS_60"}


def test_a_policy_inside_a_role(tmp_path: Path) -> None:
    sso = {"inline_policy": policy(IAM)}
    output = write(tmp_path, resource={"aws_ssoadmin_permission_set_inline_policy": {"x": sso}})
    assert of(output, "aws_ssoadmin_permission_set_inline_policy.x") == ALL_ABOUT_IAM


@pytest.mark.parametrize(
    "definitions",
    [json.dumps([{"pidMode": "host"}]), '${jsonencode([{"name" = "a"}, {"pidMode" = "host"}])}'],
)
def test_container_definitions(tmp_path: Path, definitions: str) -> None:
    task = {"family": "f", "container_definitions": definitions}
    output = write(tmp_path, resource={"aws_ecs_task_definition": {"x": task}})
    assert "CKV_AWS_335" in of(output, "aws_ecs_task_definition.x")


@pytest.mark.parametrize(
    "ingress",
    [
        [WORLD],
        [WORLD | dict.fromkeys(["ipv6_cidr_blocks", "prefix_list_ids", "security_groups", "self"])],
        [OFFICE, WORLD],
        [OFFICE, OFFICE | {"cidr_blocks": ["10.0.0.0/8", "0.0.0.0/0"]}],
        [OFFICE | {"self": True}, WORLD],
        [WORLD | {"self": True}],
        [WORLD | {"prefix_list_ids": ["pl-1"]}],
        [OFFICE | {"cidr_blocks": None, "ipv6_cidr_blocks": ["::/0"]}],
        [WORLD | {"cidr_blocks": ["${local.world}"]}],
        [WORLD | {"cidr_blocks": "${local.worlds}"}],
        [WORLD | {"cidr_blocks": "${var.worlds}"}],
        [WORLD | {"cidr_blocks": ["${var.worlds[1]}"]}],
        [WORLD | {"cidr_blocks": ["${local.zero}.0.0.0/${local.zero}"]}],
        [WORLD | {"from_port": "${local.ports.ssh}", "to_port": "${local.ports[\"ssh\"]}"}],
        [WORLD | {"from_port": 0, "to_port": 0, "protocol": "-1"}],
        "${local.rules}",
        WORLD,
    ],
    ids=str,
)  # fmt: skip
def test_an_open_port_in_a_security_group(tmp_path: Path, ingress: Any) -> None:
    output = write(
        tmp_path,
        resource={"aws_security_group": {"x": {"description": "d", "ingress": ingress}}},
        locals={
            "world": "0.0.0.0/0", "zero": 0, "worlds": ["10.0.0.0/8", "${local.world}"],
            "ports": {"ssh": 22}, "rules": [OFFICE, WORLD],
        },
        variable={"worlds": {"type": "list(string)", "default": ["10.0.0.0/8", "0.0.0.0/0"]}},
    )  # fmt: skip
    assert "CKV_AWS_24" in of(output, "aws_security_group.x")


@pytest.mark.parametrize(
    ("type_", "rule"),
    [
        ("aws_security_group_rule", WORLD | {"type": "ingress", "prefix_list_ids": ["pl-1"]}),
        (
            "aws_vpc_security_group_ingress_rule",
            {"ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0", "description": "d"},
        ),
        (
            "aws_vpc_security_group_ingress_rule",
            {"ip_protocol": "-1", "cidr_ipv6": "::/0", "description": "d"},
        ),
    ],
)
def test_an_open_port_in_a_rule(tmp_path: Path, type_: str, rule: dict[str, Any]) -> None:
    assert "CKV_AWS_24" in of(write(tmp_path, resource={type_: {"x": rule}}), f"{type_}.x")


@pytest.mark.parametrize(
    "ingress",
    [[OFFICE], [OFFICE | {"self": True}], [WORLD | {"cidr_blocks": None, "self": True}], []],
    ids=str,
)
def test_a_closed_security_group(tmp_path: Path, ingress: Any) -> None:
    output = write(tmp_path, resource={"aws_security_group": {"x": {"description": "d", "ingress": ingress}}})
    assert of(output, "aws_security_group.x") == {"CKV2_AWS_5"}


@pytest.mark.parametrize(
    "value",
    [False, "false", None, "${local.off}", "${var.off}", "${var.unset}", "${local.nested.off}",
     '${tobool("false")}'],
)  # fmt: skip
def test_a_setting_that_is_off(tmp_path: Path, value: Any) -> None:
    output = write(
        tmp_path,
        resource={"aws_rds_cluster": {"x": {"engine": "aurora-mysql", "storage_encrypted": value}}},
        locals={"off": False, "nested": {"off": "${local.off}"}},
        variable={"off": {"default": False}, "unset": {"default": None}},
    )
    assert "CKV_AWS_96" in of(output, "aws_rds_cluster.x")
    assert scan(output).errors == ()


@pytest.mark.parametrize("argument", ["customer_master_key_spec", "enable_key_rotation", "policy"])
def test_null_is_not_set(tmp_path: Path, argument: str) -> None:
    output = write(tmp_path, resource={"aws_kms_key": {"x": {argument: None}}})
    assert of(output, "aws_kms_key.x") == {"CKV_AWS_7", "CKV2_AWS_64"}


def test_checks_that_look_at_connected_blocks(tmp_path: Path) -> None:
    """Checkov's runner of Terraform JSON gives Python checks no graph, and drops those that need one."""
    resources = {
        "aws_s3_bucket": {"b": {"bucket": "b"}},
        "aws_s3_bucket_acl": {"x": {"bucket": "${aws_s3_bucket.b.id}", "acl": "public-read"}},
        "aws_s3_bucket_policy": {
            "p": {"bucket": "${aws_s3_bucket.b.id}", "policy": policy(*[allow(Action="s3:*")] * 2)}
        },
    }
    assert "CKV_AWS_379" in of(write(tmp_path, resource=resources), "aws_s3_bucket_acl.x")


def test_what_looks_like_an_instruction_to_checkov_is_text(tmp_path: Path) -> None:
    text = "#checkov:skip=CKV_AWS_158:no reason"
    group = {
        "name": text,
        "tags": {"checkov:skip": "CKV_AWS_158"},
        "//": {"note": text},
        "retention_in_days": 365,
    }
    output = write(tmp_path, resource={"aws_cloudwatch_log_group": {"x": group}})
    assert of(output, "aws_cloudwatch_log_group.x") == {"CKV_AWS_158"}


def test_a_resource_in_a_file_of_any_size(tmp_path: Path) -> None:
    """Checkov has limits on files, and renders no text of more than 10,000 characters."""
    long = policy(*[allow(Sid=f"S{number}", Action="ec2:DescribeVpcs") for number in range(500)], IAM)
    output = write(tmp_path, resource={"aws_iam_policy": {"x": {"policy": long}}})
    assert of(output, "aws_iam_policy.x") == ALL_ABOUT_IAM


INCLUDED = {
    "name": {"statement": [{"sid": "A", "actions": ["iam:*"], "resources": ["*"]}]},
    "text": {"source_policy_documents": [policy(IAM)]},
    "of it": {"source_policy_documents": ["${data.aws_iam_policy_document.name.json}"]},
    "overridden": {
        "statement": [{"sid": "A", "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::a/b"]}],
        "override_policy_documents": ["${data.aws_iam_policy_document.of_it.json}"],
    },
    "another sid": {
        "statement": [{"sid": "B", "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::a/b"]}],
        "source_policy_documents": ["${data.aws_iam_policy_document.name.json}"],
    },
}
HARMLESS = {
    "overridden by itself": {
        "statement": [{"sid": "A", "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::a/b"]}],
        "source_policy_documents": ["${data.aws_iam_policy_document.name.json}"],
    },
    "overridden by a text": {
        "source_policy_documents": ["${data.aws_iam_policy_document.name.json}"],
        "override_policy_documents": [
            policy(allow(Sid="A", Action="s3:GetObject", Resource="arn:aws:s3:::a/b"))
        ],
    },
}


@pytest.mark.parametrize("name", [*INCLUDED, *HARMLESS])
def test_documents_that_include_others_say_what_these_say(tmp_path: Path, name: str) -> None:
    data = {key.replace(" ", "_"): body for key, body in {**INCLUDED, **HARMLESS}.items()}
    output = write(
        tmp_path,
        resource={
            "aws_iam_policy": {
                "x": {"policy": f"${{data.aws_iam_policy_document.{name.replace(' ', '_')}.json}}"}
            }
        },
        data={"aws_iam_policy_document": data},
    )
    assert of(output, "aws_iam_policy.x") == (ALL_ABOUT_IAM if name in INCLUDED else set())
    assert scan(output).errors == ()


def test_documents_that_include_each_other_are_not_evaluated(tmp_path: Path) -> None:
    data = {
        name: {"source_policy_documents": [f"${{data.aws_iam_policy_document.{other}.json}}"]}
        for name, other in (("a", "b"), ("b", "a"))
    }
    resource = {"aws_iam_policy": {"x": {"policy": "${data.aws_iam_policy_document.a.json}"}}}
    report = scan(write(tmp_path, resource=resource, data={"aws_iam_policy_document": data}))
    assert "aws_iam_policy.x: its policy is an expression" in messages(report)
