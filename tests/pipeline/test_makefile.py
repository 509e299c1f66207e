"""The Makefile works in a checkout whose path has spaces."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.workspaces import ROOT

pytestmark = pytest.mark.integration
PIPENV = " .tools/bin/pipenv "


def test_what_pipenv_is_told_of_a_path_with_spaces_stays_whole(tmp_path: Path) -> None:
    checkout = tmp_path / "with spaces"
    shutil.copytree(ROOT / "scripts", checkout / "scripts")
    for name in ("Makefile", "Pipfile.lock"):
        shutil.copy(ROOT / name, checkout)
    command = ("make", "--dry-run", "--always-make", "-C", str(checkout), "lock")
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    variables = [line.partition(PIPENV)[0] for line in printed.splitlines() if "PIPENV_PIPFILE=" in line]
    assert len(variables) == 2  # to install CDK Terrain, and to lock it
    for given in variables:
        shell = ("/bin/sh", "-c", f"{given} printenv PIPENV_PIPFILE")
        told = subprocess.run(shell, capture_output=True, text=True, check=False)
        assert told.stdout == f"{checkout}/scripts/terrain/Pipfile\n", told.stderr
