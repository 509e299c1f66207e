"""Programs that are written for one toolkit, and run with another."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from trimmed_bindings import BindingsError, Toolkit, installed_toolkit, renaming

WRITTEN = Toolkit("oldkit", "oldkit_aws", "oldkit-aws", "@oldkit/aws")
USED = Toolkit("newkit", "newkit_aws", "newkit-aws", "@newkit/aws")


@pytest.fixture(autouse=True)
def _newkit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Only the used toolkit is installed."""
    for name, code in {
        "newkit/__init__.py": "class App: pass",
        "newkit_aws/__init__.py": "",
        "newkit_aws/vpc/__init__.py": "from ..names import NAME\nfrom newkit import App\nclass Vpc: pass",
        "newkit_aws/names.py": "NAME = 'name'",
        "newkit_aws/broken.py": "raise ValueError('why')",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    renaming.install(WRITTEN, USED)
    yield
    renaming.uninstall()
    for name in [name for name in sys.modules if name.startswith(("oldkit", "newkit"))]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("old", "new"),
    [("oldkit", "newkit"), ("oldkit_aws", "newkit_aws"), ("oldkit_aws.vpc", "newkit_aws.vpc")],
)
@pytest.mark.parametrize("old_first", [True, False])
def test_both_names_are_one_module(old: str, new: str, old_first: bool) -> None:
    first, second = (importlib.import_module(name) for name in ((old, new) if old_first else (new, old)))
    assert first is second
    assert (first.__name__, first.__spec__ and first.__spec__.name) == (new, new)


def test_imports_within_a_renamed_package_work_afterwards() -> None:
    importlib.import_module("oldkit_aws")
    vpc = importlib.import_module("oldkit_aws.vpc")
    assert importlib.import_module("newkit_aws.names").NAME == "name"
    assert vpc.App is importlib.import_module("oldkit").App


def test_what_is_missing_is_called_by_the_name_of_the_used_toolkit() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"newkit_aws\.subnet"):
        importlib.import_module("oldkit_aws.subnet")


def test_what_fails_in_the_used_toolkit_fails_here() -> None:
    with pytest.raises(ValueError, match="why"):
        importlib.import_module("oldkit_aws.broken")


@pytest.mark.parametrize("name", ["oldkit_other", "oldkit2", "old"])
def test_other_packages_are_left_alone(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match=f"'{name}'"):
        importlib.import_module(name)


@pytest.mark.parametrize("end", [renaming.uninstall, lambda: renaming.install(USED, USED)])
def test_renaming_ends(end: object) -> None:
    assert callable(end)
    end()
    with pytest.raises(ModuleNotFoundError, match="'oldkit'"):
        importlib.import_module("oldkit")


def test_an_unknown_toolkit_is_refused_with_the_known_ones() -> None:
    with pytest.raises(BindingsError, match=r"'cdk' is not a toolkit; use one of: cdktf, cdktn"):
        installed_toolkit("cdk")


def test_a_toolkit_that_is_not_installed_is_refused() -> None:
    with pytest.raises(BindingsError, match="the package cdktn is not installed"):
        installed_toolkit("cdktn")
