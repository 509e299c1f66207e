"""The configuration's JSON Schema and its page: what the models say, and what editors make of it."""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.workspaces import ROOT
from tools.configuration import PAGE, SCHEMA, page, schema

FILES = sorted(ROOT.glob("config/*.toml"))
Data = dict[str, Any]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    whole = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(whole)
    return Draft202012Validator(whole)


def test_both_files_are_the_ones_that_are_generated() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == json.loads(json.dumps(schema()))
    assert PAGE.read_text("utf-8") == page(schema())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_editor_finds_the_schema_and_no_fault_in_a_deployment(
    validator: Draft202012Validator, path: Any
) -> None:
    text = path.read_text("utf-8")
    assert text.splitlines()[0] == "#:schema schema.json"
    assert [error.message for error in validator.iter_errors(tomllib.loads(text))] == []


@pytest.mark.integration
def test_taplo_finds_the_schema_by_the_first_line_and_marks_a_mistake(tmp_path: Path) -> None:
    """Taplo is what editors run."""
    taplo = Path(sys.executable).with_name("taplo")
    place = tmp_path / "config"
    shutil.copytree(ROOT / "config", place)

    def lint() -> "subprocess.CompletedProcess[str]":
        files = sorted(map(str, place.glob("*.toml")))
        return subprocess.run(
            [taplo, "lint", *files], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    passed = lint()
    assert passed.returncode == 0, passed.stderr
    text = (place / "local.toml").read_text("utf-8")
    (place / "local.toml").write_text(text.replace("min_healthy_targets", "min_helthy_targets"), "utf-8")
    failed = lint()
    assert failed.returncode == 1
    assert "'min_helthy_targets' was unexpected" in failed.stderr


def _misspelt(data: Data) -> None:
    data["switch"]["min_helthy_targets"] = 2


def _missing(data: Data) -> None:
    del data["colours"]["green"]["database"]["engine_version"]


def _too_low(data: Data) -> None:
    data["colours"]["blue"]["database"]["backup_retention_days"] = 3


def _of_another_backend(data: Data) -> None:
    data["backend"] = {"type": "s3"}


@pytest.mark.parametrize("mistake", [_misspelt, _missing, _too_low, _of_another_backend])
def test_an_editor_marks_a_mistake(validator: Draft202012Validator, mistake: Callable[[Data], None]) -> None:
    data = tomllib.loads((ROOT / "config/local.toml").read_text("utf-8"))
    mistake(data)
    assert not validator.is_valid(data)


def test_the_page_has_a_row_for_each_key_of_each_deployment() -> None:
    rows = {line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")}
    for path in FILES:
        assert _keys(tomllib.loads(path.read_text("utf-8"))) <= rows


def _keys(data: Data) -> set[str]:
    plain = {key for key, value in data.items() if not isinstance(value, dict)}
    return plain.union(*(_keys(value) for value in data.values() if isinstance(value, dict)))
