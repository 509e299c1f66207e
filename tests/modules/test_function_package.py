"""The same sources give the same package, and the package runs without the repository."""

import ast
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from modules.functions import package as function_package
from tests.workspaces import ROOT


@pytest.mark.parametrize("function", ["rotation", "switch"])
def test_each_function_has_contract_and_common_and_not_the_other(function: str) -> None:
    with zipfile.ZipFile(function_package.build(function).path) as archive:
        folders = {name.split("/")[1] for name in archive.namelist() if name.startswith("lambda_src/")}
        entries = {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if name.startswith(f"{function}/")
        }
    assert folders == {"__init__.py", "common", "contract", function}
    modules = {"rotation": ["handler"], "switch": ["handler", "reading"]}[function]
    assert entries == {f"{function}/__init__.py": ""} | {
        f"{function}/{module}.py": f"from lambda_src.{function}.{module} import handler\n"
        for module in modules
    }


@pytest.mark.parametrize("shared", function_package.SHARED)
def test_what_functions_share_needs_the_standard_library_alone(shared: str) -> None:
    """So that constructs and command line can import it, and every function starts with it."""
    for path in sorted((ROOT / "lambda_src" / shared).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names, path


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "sources" / "sample"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "handler.py").write_text("def handler(event, context):\n    return event\n", encoding="utf-8")
    monkeypatch.setattr(function_package, "SOURCES", tmp_path / "sources")
    monkeypatch.setattr(function_package, "CACHE", tmp_path / "cache")
    return folder


def test_times_and_modes_of_the_sources_change_nothing(sources: Path) -> None:
    first = function_package.build("sample")
    os.utime(sources / "handler.py", (1, 1))
    (sources / "handler.py").chmod(0o600)
    (sources / "__pycache__").mkdir()
    (sources / "__pycache__" / "handler.pyc").write_bytes(b"compiled")

    assert function_package.build("sample") == first


def test_another_source_is_another_package(sources: Path) -> None:
    first = function_package.build("sample")
    (sources / "handler.py").write_text("def handler(event, context):\n    return None\n", encoding="utf-8")
    second = function_package.build("sample")

    assert second.code_sha256 != first.code_sha256
    assert second.path != first.path


@pytest.mark.usefixtures("sources")
def test_concurrent_builds_agree_and_leave_nothing_behind() -> None:
    with ThreadPoolExecutor(8) as pool:
        packages = set(pool.map(function_package.build, ["sample"] * 16))

    (package,) = packages
    assert list(function_package.CACHE.iterdir()) == [package.path]


@pytest.mark.integration
def test_the_switch_function_starts_from_its_package_alone(tmp_path: Path) -> None:
    package = function_package.build("switch")
    result = subprocess.run(
        [
            sys.executable,
            "-P",
            "-c",
            "import inspect, switch.handler as entry; print(inspect.getfile(entry.handler))",
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(package.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(str(package.path / "lambda_src"))
