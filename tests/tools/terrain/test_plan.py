"""A plan with the provider that a stack names; here the installed one, or one that is not installed."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.terrain.plan import plan

pytestmark = pytest.mark.integration

PARAMETER = {"name": "/colour", "type": "String", "insecure_value": "blue"}


def written(directory: Path, version: str, **resource: Any) -> Path:
    """A stack with one SSM parameter."""
    directory.mkdir()
    document = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": version}}},
        "provider": {"aws": [{"region": "us-east-1"}]},
        "resource": {"aws_ssm_parameter": {"colour": PARAMETER | resource}},
    }
    (directory / "cdk.tf.json").write_text(json.dumps(document))
    return directory


def test_a_stack_is_planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(written(tmp_path / "stack", "5.100.0"), tmp_path / "aws") == 0
    assert capsys.readouterr() == ("planned: 1 changes\n", "")


def test_a_provider_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mirror").mkdir()
    monkeypatch.setenv("TF_PLUGIN_DIR", str(tmp_path / "mirror"))
    assert plan(written(tmp_path / "stack", "6.69.1"), tmp_path / "aws") == 1
    said, complaint = capsys.readouterr()
    assert said == ""
    assert complaint.startswith(
        "error: no plan of local with CDK Terrain: its providers can't be installed\n"
    )
    assert "registry.terraform.io/hashicorp/aws was not found" in complaint
    assert "\n  fix: run it where " in complaint
    assert not (tmp_path / "aws").exists()


def test_what_the_provider_refuses_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert plan(written(tmp_path / "stack", "5.100.0", region="us-west-2"), tmp_path / "aws") == 1
    assert "terraform plan failed\n  cause: " in capsys.readouterr().err
