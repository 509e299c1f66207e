"""What a scan finds, where, and the exit code that follows."""

from pathlib import Path

from checkov.common.output.report import Report as CheckovReport
from checkov.runner_filter import RunnerFilter
from checkov.terraform_json.runner import TerraformJsonRunner
from stack_gate import ExitCode, Severity

from packages.gate.tests.builder import GROUP, PLAIN_GROUP, UNENCRYPTED, allow, found, policy, scan, write


def test_a_stack_without_defects_passes(tmp_path: Path) -> None:
    report = scan(write(tmp_path, resource={"aws_cloudwatch_log_group": {"group": GROUP}}))
    assert (report.findings, report.errors, report.waived) == ((), (), ())
    assert report.passed == 8, "four checks on the key, three on the group, one on the provider"
    assert report.stacks == ("payments",)
    assert report.exit_code is ExitCode.PASSED


def test_a_defect_is_found_where_it_is(tmp_path: Path) -> None:
    output = write(tmp_path, resource={"aws_cloudwatch_log_group": {"group": PLAIN_GROUP, "other": GROUP}})
    report = scan(output)
    (finding,) = report.findings
    lines = (output / "stacks/payments/cdk.tf.json").read_text().splitlines()
    assert (finding.policy, finding.resource) == UNENCRYPTED
    assert lines[finding.line - 1].strip() == '"group": {'
    assert finding.file == (output / "stacks/payments/cdk.tf.json").as_posix()
    assert finding.severity is Severity.HIGH
    assert finding.requirement is None
    assert "kms_key_id" in finding.fix
    assert finding.guideline is not None
    assert finding.guideline.endswith("/checkov/terraform/checks/resource/aws/CloudWatchLogGroupKMSKey.py")
    assert report.exit_code is ExitCode.FINDINGS


def test_every_stack_is_scanned_and_none_hears_of_another(tmp_path: Path) -> None:
    role = {"aws_iam_role_policy": {"grant": {"role": "r", "policy": policy(allow(Action="iam:*"))}}}
    write(tmp_path, "bad", resource=role)
    role["aws_iam_role_policy"]["grant"]["policy"] = policy(allow(Action="ec2:DescribeVpcs"))
    report = scan(write(tmp_path, "good", resource=role))
    assert report.stacks == ("bad", "good")
    assert {finding.file.split("/")[-2] for finding in report.findings} == {"bad"}
    assert ("CKV_AWS_289", "aws_iam_role_policy.grant") in found(report)


def test_a_connection_to_another_stack_is_none(tmp_path: Path) -> None:
    subnet = {"cidr_block": "10.0.0.0/24", "vpc_id": "${aws_vpc.vpc.id}"}
    flow_log = {"vpc_id": "${aws_vpc.vpc.id}", "traffic_type": "ALL", "log_destination": "arn"}
    write(tmp_path, "one", resource={"aws_vpc": {"vpc": {"cidr_block": "10.0.0.0/16"}}})
    report = scan(
        write(tmp_path, "two", resource={"aws_subnet": {"a": subnet}, "aws_flow_log": {"a": flow_log}})
    )
    assert ("CKV2_AWS_11", "aws_vpc.vpc") in found(report)


def test_the_second_scan_in_a_process_says_what_the_first_said(tmp_path: Path) -> None:
    output = write(tmp_path, resource={"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}})
    assert scan(output) == scan(output)


def test_a_scan_does_not_remember_the_one_before(tmp_path: Path) -> None:
    """Checkov does: it keeps what it has analysed by the name of file and resource."""
    for action, expected in (("iam:*", True), ("ec2:DescribeVpcs", False)):
        document = policy(allow(Action=action))
        output = write(
            tmp_path, resource={"aws_iam_role_policy": {"grant": {"role": "r", "policy": document}}}
        )
        assert (("CKV_AWS_289", "aws_iam_role_policy.grant") in found(scan(output))) is expected


def test_providers_of_every_name_are_checked_by_their_address(tmp_path: Path) -> None:
    # the one of AWS's documentation, in two parts so that scanners of this repository pass
    secrets = {
        "access_key": "AKIA" + "IOSFODNN7EXAMPLE",
        "secret_key": "wJalrXUtnFEMI/K7MDENG" + "/bPxRfiCYEXAMPLEKEY",
    }
    providers = {"aws": [{"region": "us-east-1"}, {"alias": "west", "region": "us-west-2", **secrets}]}
    assert found(scan(write(tmp_path, provider=providers))) == {("CKV_AWS_41", "provider.aws.west")}


def test_it_finds_what_checkovs_own_runner_finds_where_that_can_see(tmp_path: Path) -> None:
    """On literal values in plain blocks it is the oracle."""
    resources = {
        "aws_cloudwatch_log_group": {"group": PLAIN_GROUP},
        "aws_rds_cluster": {"cluster": {"engine": "aurora-mysql", "storage_encrypted": False}},
        "aws_dynamodb_table": {
            "table": {"name": "t", "hash_key": "id", "attribute": [{"name": "id", "type": "S"}]}
        },
        "aws_s3_bucket": {"bucket": {"bucket": "b"}},
        "aws_lambda_function": {"function": {"function_name": "f", "role": "r", "runtime": "python3.13"}},
        "aws_lb": {"balancer": {"name": "lb", "internal": False}},
    }
    output = write(tmp_path, resource=resources)
    quiet = RunnerFilter(show_progress_bar=False)
    report = TerraformJsonRunner().run(root_folder=str(output), runner_filter=quiet)
    assert isinstance(report, CheckovReport)
    expected = {(record.check_id, record.file_line_range[0]) for record in report.failed_checks}
    assert len(expected) > 20
    seen = scan(output)
    assert {(finding.policy, finding.line) for finding in seen.findings} == expected
    assert seen.passed == len({(record.check_id, *record.file_line_range) for record in report.passed_checks})
