"""Reading the imports of a program."""

import re
from pathlib import Path

import pytest
from trimmed_bindings import BindingsError
from trimmed_bindings.imports import imported_submodules

from packages.bindings.tests.checkouts import REPOSITORY

PACKAGE = "cdktf_cdktf_provider_aws"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"from {PACKAGE}.vpc import Vpc", {"vpc"}),
        (f"from {PACKAGE}.vpc import Vpc as Network", {"vpc"}),
        (f"from {PACKAGE}.vpc import (\n    Vpc,\n    VpcConfig,\n)", {"vpc"}),
        (f"from {PACKAGE}.vpc import *", {"vpc"}),
        (f"from {PACKAGE} import vpc, subnet as net", {"vpc", "subnet"}),
        (f"import {PACKAGE}.vpc", {"vpc"}),
        (f"import {PACKAGE}.vpc as v, {PACKAGE}.subnet", {"vpc", "subnet"}),
        (f"def late():\n    from {PACKAGE}.vpc import Vpc", {"vpc"}),
        (f"if TYPE_CHECKING:\n    from {PACKAGE}.vpc import Vpc", {"vpc"}),
        (f"import_module('{PACKAGE}.vpc')", {"vpc"}),
        (f"try:\n    import {PACKAGE}.vpc\nexcept ImportError:\n    pass", {"vpc"}),
        (f"# from {PACKAGE}.vpc import Vpc", set()),
        (f"'see {PACKAGE}.vpc for more'", set()),
        (f"from .{PACKAGE}.vpc import Vpc", set()),
        (f"from .{PACKAGE} import vpc", set()),
        (f"from {PACKAGE}_extras.vpc import Vpc", set()),
        ("import os.path", set()),
        ("from cdktn_provider_aws.vpc import Vpc", {"vpc"}),
        ("from cdktn_provider_aws import vpc, subnet", {"vpc", "subnet"}),
    ],
)
def test_every_form_of_import_is_read(tmp_path: Path, code: str, expected: set[str]) -> None:
    (tmp_path / "module.py").write_text(code)
    assert imported_submodules(tmp_path) == expected


def test_all_files_of_the_tree_are_read(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "top.py").write_text(f"from {PACKAGE}.vpc import Vpc")
    (tmp_path / "a" / "b" / "deep.py").write_text(f"from {PACKAGE}.subnet import Subnet")
    (tmp_path / "notes.txt").write_text(f"from {PACKAGE}.lb import Lb")
    assert imported_submodules(tmp_path) == {"vpc", "subnet"}


@pytest.mark.parametrize(
    "code", [f"import {PACKAGE}", f"import {PACKAGE} as aws", f"from {PACKAGE} import *"]
)
def test_an_import_of_the_whole_package_is_refused_with_its_place(tmp_path: Path, code: str) -> None:
    (tmp_path / "module.py").write_text(f"import os\n{code}\n")
    with pytest.raises(BindingsError, match=r"module\.py:2 imports cdktf_cdktf_provider_aws as a whole"):
        imported_submodules(tmp_path)


@pytest.mark.parametrize("content", [b"def", b"\xff\xfe", b"x = 1\0"])
def test_a_file_that_is_not_python_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.py").write_bytes(content)
    with pytest.raises(BindingsError, match=r"broken\.py can't be read as Python"):
        imported_submodules(tmp_path)


@pytest.mark.parametrize("folder", ["modules", "packages/bindings/tests/sample_app"])
def test_no_mention_of_a_submodule_in_the_repository_is_overlooked(folder: str) -> None:
    """Searched for as text, which needs no idea of how Python imports."""
    source = REPOSITORY / folder
    text = "\n".join(path.read_text(encoding="utf-8") for path in source.rglob("*.py"))
    mentioned = set(re.findall(rf"{PACKAGE}\.(\w+)", text))
    assert mentioned
    assert imported_submodules(source) == mentioned
