"""Drafts of entries that admit what no policy knows: once filled in, the gate reads them."""

import json
from pathlib import Path
from typing import Any

import pytest
from stack_gate.admission import draft

from bluegreen.pack import PACK
from packages.gate.tests.builder import messages, scan, waived, waiver, write

pytestmark = pytest.mark.integration  # no process, but scans of whole stacks

POLICY = "CKV2_BG_260"
UNKNOWN = {"aws_lightsail_disk": {"d": {"size_in_gb": 8}}, "aws_kms_alias": {"a": {"name": "alias/a"}}}


def filled(fragment: Any) -> Any:
    """The draft with what its reader fills in."""
    if isinstance(fragment, dict) and "expires" in fragment:
        return fragment | {"owner": "payments", "comment": "a disk of the office", "expires": "2027-01-31"}
    if isinstance(fragment, dict):
        return {key: filled(value) for key, value in fragment.items()}
    return [filled(item) for item in fragment] if isinstance(fragment, list) else fragment


def merged(document: Any, fragment: Any) -> Any:
    if isinstance(document, dict) and isinstance(fragment, dict):
        return document | {key: merged(document.get(key), value) for key, value in fragment.items()}
    return fragment


def unknown(output: Path) -> set[str]:
    return {problem.resource or "" for problem in scan(output, PACK).errors if problem.policy == POLICY}


def test_a_filled_in_draft_admits_the_block(tmp_path: Path) -> None:
    output = write(tmp_path, resource=UNKNOWN, data={"http": {"q": {"url": "https://example.com"}}})
    assert unknown(output) == {"aws_lightsail_disk.d", "data.http.q"}
    found = draft(output, policies=PACK)
    assert found.errors == []
    assert set(found.reasons["payments"]) == {"aws_lightsail_disk.d", "data.http.q"}
    assert "aws_lightsail_disk" in found.reasons["payments"]["aws_lightsail_disk.d"]

    path = output / "stacks" / "payments" / "cdk.tf.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps(merged(document, found.stacks["payments"])))
    assert "is not one" in messages(scan(output, PACK))  # not filled in: still no waiver
    path.write_text(json.dumps(merged(document, filled(found.stacks["payments"]))))
    assert unknown(output) == set()
    assert draft(output, policies=PACK).stacks == {}


def test_what_is_of_the_whole_stack_is_at_its_top(tmp_path: Path) -> None:
    output = write(tmp_path, terraform={"backend": {"azurerm": {"key": "x"}}})
    assert draft(output, policies=PACK).stacks["payments"]["//"]["checkov"]["skip"][0]["id"] == POLICY


def test_what_is_admitted_is_not_drafted_again(tmp_path: Path) -> None:
    disk = waived({"size_in_gb": 8}, waiver(POLICY, owner="payments"))
    assert draft(write(tmp_path, resource={"aws_lightsail_disk": {"d": disk}}), policies=PACK).stacks == {}


def test_hcl_is_said_to_be_none_of_the_gates(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "aws_vpc" "main" {}\n')
    (tmp_path / "terraform.tfvars").write_text('x = "y"\n')
    (problem,) = draft(tmp_path, policies=PACK).errors
    assert "Terraform JSON only" in problem.message
    assert "cdktf synth" in problem.fix
    assert [error.message for error in scan(tmp_path).errors] == [problem.message]
