"""Where stacks are looked for: in any directory of CDKTF output, and in no hiding place less."""

import json
from pathlib import Path

import pytest

from packages.gate.tests.builder import PLAIN_GROUP, UNENCRYPTED, found, scan, write

DEFECT = {"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}}


@pytest.mark.parametrize(
    "directory", [".", "project", "project/cdktf.out", "project/cdktf.out/stacks/payments"]
)
def test_output_may_be_anywhere_below(tmp_path: Path, directory: str) -> None:
    write(tmp_path / "project/cdktf.out", resource=DEFECT)
    assert found(scan(tmp_path / directory)) == {UNENCRYPTED}


@pytest.mark.parametrize("directory", ["node_modules", ".hidden", ".external_modules", "a/.serverless/b"])
def test_directories_that_checkov_leaves_out(tmp_path: Path, directory: str) -> None:
    write(tmp_path / directory, resource=DEFECT)
    assert found(scan(tmp_path)) == {UNENCRYPTED}


def test_a_linked_directory_is_scanned_once(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", resource=DEFECT)
    output = tmp_path / "cdktf.out"
    (output / "stacks").mkdir(parents=True)
    (output / "stacks/payments").symlink_to(tmp_path / "elsewhere/stacks/payments")
    (output / "circle").symlink_to(output)
    report = scan(output)
    assert [(finding.policy, finding.resource) for finding in report.findings] == [UNENCRYPTED]
    assert report.errors == ()


def test_what_terraform_init_leaves_there_is_no_stack(tmp_path: Path) -> None:
    write(tmp_path)
    copied = tmp_path / "stacks/payments/.terraform/modules/x"
    copied.mkdir(parents=True)
    (copied / "main.tf.json").write_text("{")
    (tmp_path / "stacks/payments/.terraform.lock.hcl").write_text("")
    assert scan(tmp_path).errors == ()


def test_all_files_of_a_stack_are_one_configuration(tmp_path: Path) -> None:
    write(tmp_path, resource={"aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16"}}})
    flow_log = {"vpc_id": "${aws_vpc.vpc.id}", "traffic_type": "ALL", "log_destination": "arn"}
    closed = {"vpc_id": "${aws_vpc.vpc.id}"}
    more = {"resource": {"aws_flow_log": {"log": flow_log}, "aws_default_security_group": {"closed": closed}}}
    (tmp_path / "stacks/payments/more.tf.json").write_text(json.dumps(more))
    assert found(scan(tmp_path)) == set()


def test_the_spellings_of_terraforms_json_syntax_mean_the_same(tmp_path: Path) -> None:
    group = {
        "aws_cloudwatch_log_group": [
            {"other": {"retention_in_days": 365, "kms_key_id": "arn"}},
            {"group": [PLAIN_GROUP]},
        ]
    }
    output = write(tmp_path)
    path = output / "stacks/payments/cdk.tf.json"
    content = json.loads(path.read_text())
    content |= {"resource": [content["resource"], group], "terraform": [content["terraform"]]}
    content["provider"] = [
        {"aws": {"region": "us-east-1"}},
        {"aws": {"alias": "west", "region": "us-west-2"}},
    ]
    path.write_text(json.dumps(content))
    report = scan(output)
    assert found(report) == {UNENCRYPTED}
    assert report.errors == ()
