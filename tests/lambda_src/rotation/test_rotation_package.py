"""The zip: everything that the function needs, and nothing that differs between machines."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from modules.functions import package as function_package


def test_the_driver_comes_along_with_its_licence() -> None:
    with zipfile.ZipFile(function_package.build("rotation").path) as archive:
        names = archive.namelist()
        (licence,) = [name for name in names if name.endswith("/licenses/LICENSE")]
        assert "Permission is hereby granted" in archive.read(licence).decode()
    assert names == sorted(names)
    bundle = "lambda_src/rotation/rds-ca-bundle.pem"
    assert {"rotation/handler.py", bundle, "pymysql/connections.py"} <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"lambda_src", "rotation", "pymysql"}
    assert not [name for name in names if name.endswith((".pyc", "RECORD", "INSTALLER", "REQUESTED"))]


@pytest.mark.integration
def test_it_starts_from_the_package_alone(tmp_path: Path) -> None:
    """Without this environment's packages; boto3, which Lambda brings, is stood in for."""
    sdk = tmp_path / "sdk"
    for module in ("boto3", "botocore/config", "botocore/exceptions"):
        file = sdk / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Config = BotoCoreError = ClientError = Exception\n", encoding="utf-8")
    unpacked = tmp_path / "task"
    with zipfile.ZipFile(function_package.build("rotation").path) as archive:
        archive.extractall(unpacked)
    result = subprocess.run(
        [sys.executable, "-S", "-c", "import rotation.handler, pymysql; print(pymysql.__file__)"],
        cwd=tmp_path,
        env={"PYTHONPATH": os.pathsep.join(map(str, (unpacked, sdk)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(str(unpacked))


def test_two_builds_agree() -> None:
    assert function_package.build("rotation") == function_package.build("rotation")
