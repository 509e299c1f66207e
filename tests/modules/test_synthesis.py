"""Whatever synthesizes, and with whichever bindings: the same files, and Terraform accepts them."""

import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from trimmed_bindings.verify import differences

from bluegreen.terraform import Terraform
from tests.terraform_commands import validate
from tests.workspaces import DEPLOYMENTS, ROOT, stack_directory, synthesize, with_shipped_configuration

pytestmark = pytest.mark.integration

CDKTF = ROOT / "node_modules" / ".bin" / "cdktf"


@pytest.fixture
def own_workspace(tmp_path: Path) -> Path:
    return with_shipped_configuration(tmp_path)


def stack_files(workspace: Path) -> dict[str, bytes]:
    """Every file of every stack by its path."""
    stacks = workspace / "cdktf.out" / "stacks"
    return {str(f.relative_to(stacks)): f.read_bytes() for f in stacks.rglob("*") if f.is_file()}


@pytest.mark.long
def test_trimmed_bindings_give_the_same_bytes_as_the_stock_ones(own_workspace: Path) -> None:
    assert differences([sys.executable, str(ROOT / "main.py")], cwd=own_workspace) == []


def test_cdktf_synth_gives_the_same_files_as_main(workspace: Path, own_workspace: Path) -> None:
    # What the project's own cdktf.json names, as the checkout has it.
    for name, original in {"cdktf.json": ROOT, "main.py": ROOT, ".venv": Path(sys.prefix).parent}.items():
        (own_workspace / name).symlink_to(original / name)
    result = subprocess.run(
        [str(CDKTF), "synth"],
        cwd=own_workspace,
        env={**os.environ, "CI": "true", "CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert stack_files(own_workspace) == stack_files(workspace)


def test_synthesizing_again_changes_nothing_and_leaves_no_earlier_package(
    workspace: Path, tmp_path: Path
) -> None:
    own = shutil.copytree(workspace, tmp_path / "again", symlinks=True)
    stale = stack_directory(own, "local") / "assets" / "old" / "0000" / "old.zip"
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"")

    assert synthesize(own).returncode == 0
    assert not stale.exists()
    assert stack_files(own) == stack_files(workspace)


@pytest.mark.parametrize(
    "deployment",
    # The others' resources are among production's. `local` is planned in tests end to end.
    [pytest.param(name, marks=() if name == "production" else pytest.mark.long) for name in DEPLOYMENTS],
)
def test_terraform_accepts_the_stack_with_the_locked_provider(
    workspace: Path, tmp_path: Path, deployment: str
) -> None:
    directory = shutil.copytree(stack_directory(workspace, deployment), tmp_path / deployment)
    # Only the state's place is exchanged: a bucket is nothing to validate against.
    (directory / "backend_override.tf.json").write_text('{"terraform": {"backend": {"local": {}}}}')
    terraform = Terraform(directory)

    terraform.init()
    validate(terraform)

    locked = ROOT / "config" / "terraform.lock.hcl"
    assert filecmp.cmp(directory / ".terraform.lock.hcl", locked, shallow=False)
