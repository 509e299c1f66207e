"""`bluegreen plan` and `bluegreen apply`: what was approved is what is applied, and nothing else."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from stack_gate import Report

from bluegreen.cli import apply
from bluegreen.terraform.plans import BesideLocalState, PlanBundleError, pack, unpack
from tests.bluegreen.cli.conftest import run
from tests.bluegreen.terraform.bootstrap.conftest import Remote, answer_of, document

STAGING = ("--deployment", "staging")
SCANNED = apply._scanned
AWS = {"required_providers": {"aws": {"source": "aws", "version": "5.100.0"}}}


@pytest.fixture
def bootstrapped(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """The place of the state is there, and a stack that has a value and a file. It is no platform: what the
    scan says of it is left out.
    """
    monkeypatch.setattr(apply, "_scanned", lambda *_: Report())
    write(remote, "first")
    assert run("bootstrap", *STAGING, "--yes").exit_code == 0
    return remote


def write(remote: Remote, value: str) -> None:
    """Synthesize a stack whose state tells which value it was applied with."""
    stack = document(remote.bucket, remote.alias)
    stack["terraform"] |= AWS
    stack |= {
        "resource": {"terraform_data": {"something": {"input": '${file("asset.txt")}'}}},
        "output": {"value": {"value": "${terraform_data.something.output}"}},
    }
    (remote.stack / "cdk.tf.json").write_text(json.dumps(stack))
    (remote.stack / "asset.txt").write_text(value)


def planned() -> dict[str, Any]:
    result = run("plan", *STAGING, "--output", "json")
    assert result.exit_code == 0, result.output
    return answer_of(result.stdout)


def state_of(remote: Remote) -> Any:
    body = remote.s3.get_object(Bucket=remote.bucket, Key="payments-staging/terraform.tfstate")["Body"]
    return json.loads(body.read())["outputs"]["value"]["value"]


@pytest.mark.parametrize("option", ["--variables", "--summary"])
def test_a_file_that_can_not_be_written_is_refused_before_it_plans(
    bootstrapped: Remote, tmp_path: Path, option: str
) -> None:
    refused = run("plan", *STAGING, option, str(tmp_path / "absent" / "file"))
    assert refused.exit_code == 2
    assert "can't be written: No such file or directory" in refused.stderr
    assert not (bootstrapped.stack / "plan.json").exists()


def test_the_approved_plan_is_applied_whatever_the_checkout_has_become(
    bootstrapped: Remote, tmp_path: Path
) -> None:
    result = run("plan", *STAGING, "--output", "json", "--variables", str(tmp_path / "variables"))
    answer = answer_of(result.stdout)
    (change,) = answer["changes"]
    assert (change["address"], change["action"]) == ("terraform_data.something", "create")
    assert {"path": "input", "before": "(none)", "after": "first"} in change["attributes"]
    assert (tmp_path / "variables").read_text() == f"plan={answer['plan']}\n"
    key = f"plans/payments-staging/{answer['plan']}.tar"
    assert (
        bootstrapped.s3.head_object(Bucket=bootstrapped.bucket, Key=key)["ServerSideEncryption"] == "aws:kms"
    )
    assert stat.S_IMODE(Path(answer["document"]).stat().st_mode) == 0o600
    write(bootstrapped, "somebody went on working")

    applied = run("apply", answer["plan"], *STAGING, "--output", "json")

    assert applied.exit_code == 0, applied.output
    assert answer_of(applied.stdout)["resources"] == {"added": 1, "changed": 0, "removed": 0}
    assert state_of(bootstrapped) == "first"
    assert list(Path("cdktf.out/plans").iterdir()) == []

    again = run("apply", answer["plan"], *STAGING)  # the state has changed since it was made
    assert again.exit_code == 2
    assert "stale" in again.stderr


def test_a_plan_that_somebody_changed_is_not_applied(bootstrapped: Remote) -> None:
    approved = planned()["plan"]
    place = {"Bucket": bootstrapped.bucket, "Key": f"plans/payments-staging/{approved}.tar"}
    content = bootstrapped.s3.get_object(**place)["Body"].read()
    bootstrapped.s3.put_object(Body=content.replace(b"first", b"other"), **place)

    result = run("apply", approved, *STAGING)

    assert result.exit_code == 2
    assert "it is not the one that was approved" in result.stderr
    assert "Contents" not in bootstrapped.s3.list_objects_v2(Bucket=bootstrapped.bucket, Prefix="payments-")


def test_a_plan_that_is_not_there(bootstrapped: Remote) -> None:
    missing = run("apply", "0" * 64, *STAGING)
    assert (missing.exit_code, "NoSuchKey" in missing.stderr) == (2, True)
    assert bootstrapped.bucket in missing.stderr
    malformed = run("apply", "../../x", *STAGING)
    assert (malformed.exit_code, "64 hexadecimal digits" in malformed.stderr) == (2, True)


def test_beside_a_local_state(tmp_path: Path) -> None:
    store = BesideLocalState(tmp_path / "plans")
    name = "a" * 64
    where = Path(store.put(name, b"content"))
    assert store.get(name) == b"content"
    assert stat.S_IMODE(where.stat().st_mode) == 0o600
    assert stat.S_IMODE(where.parent.stat().st_mode) == 0o700
    with pytest.raises(PlanBundleError, match="there is no plan"):
        store.get("b" * 64)


def test_what_a_bundle_holds(tmp_path: Path) -> None:
    stack, target = tmp_path / "stack", tmp_path / "target"
    for name in (
        "cdk.tf.json",
        ".terraform.lock.hcl",
        "tfplan",
        "assets/x/archive.zip",
        ".terraform/p",
        "plan.json",
    ):
        (stack / name).parent.mkdir(parents=True, exist_ok=True)
        (stack / name).write_text(name)
    target.mkdir()
    unpack(*pack(stack), target)
    found = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert found == {"cdk.tf.json", ".terraform.lock.hcl", "tfplan", "assets/x/archive.zip"}


def test_a_plan_is_scanned_again_by_the_policies_of_the_checkout(
    bootstrapped: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the scan said when the plan was made."""
    plan = planned()["plan"]
    monkeypatch.setattr(apply, "_scanned", SCANNED)

    refused = run("apply", plan, *STAGING)

    assert refused.exit_code == 2, refused.output  # it has findings, and a call that can't be evaluated
    assert "CKV2_BG_2 (R02) the stack: has no customer-managed KMS key" in refused.stdout
    listed = bootstrapped.s3.list_objects_v2(Bucket=bootstrapped.bucket, Prefix="payments-staging/terraform")
    assert listed["KeyCount"] == 0


@pytest.mark.long
def test_the_summary_is_markdown(bootstrapped: Remote, tmp_path: Path) -> None:
    assert bootstrapped.stack.exists()
    result = run("plan", *STAGING, "--summary", str(tmp_path / "summary.md"))
    assert result.exit_code == 0
    assert "input: (none) → first" in result.stdout
    page = (tmp_path / "summary.md").read_text()
    assert "### create terraform\\_data.something" in page or "### create terraform_data.something" in page
    assert "| input | (none) | first |" in page
