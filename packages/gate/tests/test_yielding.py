"""Of one defect a report has the narrowest finding, and the broad one where that is not there or waived."""

from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode, Report

from packages.gate.tests.builder import GROUP, KEY, scan, waived, waiver, write

# Two policies: a group has a week of retention (narrow); every group and key has tags, broadly.
PACK = """
from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class Named(BaseResourceCheck):
    def __init__(self):
        super().__init__("Named", "CKV_BG_1", [CheckCategories.LOGGING], ["aws_cloudwatch_log_group"])

    def scan_resource_conf(self, conf):
        return CheckResult.PASSED if "name" in conf else CheckResult.FAILED


class Broad(BaseGraphCheck):
    yields = True

    def __init__(self):
        super().__init__()
        self.id, self.name, self.details = "CKV2_BG_2", "Broad", {}
        get_graph_checks_registry("terraform").checks.append(self)

    def run(self, graph):
        failed = []
        for block in graph.attrs.resources():
            if not block.get("tags"):
                failed.append({"block_type_": block.kind, "block_name_": block.name})
                self.details[block.address] = f"has no tags, unlike {block.get('description')}"
        return [], failed, []


narrow, broad = Named(), Broad()
"""
GROUP_KEY, NARROW, BROAD = "aws_kms_key.key", "CKV_BG_1", "CKV2_BG_2"
ADDRESS = "aws_cloudwatch_log_group.group"
TAGGED = {"tags": {"a": "b"}}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    directory = tmp_path / "pack"
    directory.mkdir()
    (directory / "__init__.py").touch()
    (directory / "both.py").write_text(PACK)
    return directory


def found(report: Report) -> set[tuple[str, str]]:
    return {(finding.policy, finding.resource) for finding in report.findings}


def scanned(tmp_path: Path, pack: Path, group: dict[str, Any], key: dict[str, Any]) -> Report:
    resource = {"aws_cloudwatch_log_group": {"group": group}, "aws_kms_key": {"key": key}}
    return scan(write(tmp_path / "out", resource=resource), pack)


def test_the_broad_finding_waits_on_the_resource_of_the_narrow_one(tmp_path: Path, pack: Path) -> None:
    report = scanned(tmp_path, pack, GROUP, KEY)
    assert found(report) == {(NARROW, ADDRESS), (BROAD, GROUP_KEY)}
    assert report.exit_code is ExitCode.FINDINGS


def test_it_speaks_once_the_narrow_one_is_fixed(tmp_path: Path, pack: Path) -> None:
    assert found(scanned(tmp_path, pack, GROUP | {"name": "a"}, KEY | TAGGED)) == {(BROAD, ADDRESS)}


def test_it_waits_where_it_names_the_resource_of_the_narrow_one(tmp_path: Path, pack: Path) -> None:
    key = KEY | {"description": f"${{{ADDRESS}.arn}}"}
    assert found(scanned(tmp_path, pack, GROUP, key)) == {(NARROW, ADDRESS)}


def test_it_does_not_wait_for_what_is_waived(tmp_path: Path, pack: Path) -> None:
    report = scanned(tmp_path, pack, waived(GROUP, waiver(NARROW)), KEY | TAGGED)
    assert found(report) == {(BROAD, ADDRESS)}


def test_a_waiver_of_the_broad_one_is_used_while_it_waits(tmp_path: Path, pack: Path) -> None:
    report = scanned(tmp_path, pack, waived(GROUP, waiver(BROAD)), KEY | TAGGED)
    assert found(report) == {(NARROW, ADDRESS)}
    assert [item.finding.policy for item in report.waived] == [BROAD]
