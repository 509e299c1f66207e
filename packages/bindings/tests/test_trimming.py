"""Cutting a provider down to some of its submodules."""

import io
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from trimmed_bindings import CDKTF, BindingsError
from trimmed_bindings.trimming import StockPackage, write_trimmed

from packages.bindings.tests.small_provider import ASSEMBLY, VERSION, provider_files, write_provider

PACKAGE = "cdktf_cdktf_provider_aws"
Files = dict[str, bytes]


def trim(directory: Path, files: dict[str, bytes], *submodules: str) -> bytes:
    """The tarball that is written for `submodules` of a provider with these files."""
    stock = StockPackage(CDKTF, VERSION, write_provider(directory / "site", files))
    write_trimmed(stock, submodules, directory / "trimmed")
    return (directory / "trimmed" / PACKAGE / "_jsii" / f"provider-aws@{VERSION}.jsii.tgz").read_bytes()


def unpack(tarball: bytes) -> dict[str, bytes]:
    """The content of a tarball's files by name below `package/`."""
    with tarfile.open(fileobj=io.BytesIO(tarball)) as archive:
        opened = {member.name: archive.extractfile(member) for member in archive}
        return {name.removeprefix("package/"): file.read() for name, file in opened.items() if file}


def test_only_the_wanted_submodules_stay(tmp_path: Path) -> None:
    files = unpack(trim(tmp_path, provider_files(), "s3_control_bucket", "lb_listener"))
    assert set(files) == {
        "package.json",
        ".jsii",
        "lib/index.js",
        "lib/s3control-bucket/index.js",
        "lib/lb-listener/index.js",
        "lib/lb-listener/structs/index.js",
        "lib/lb-listener/structs/structs0.js",
    }
    assembly = json.loads(files[".jsii"])
    assert set(assembly["submodules"]) == {f"{ASSEMBLY}.s3controlBucket", f"{ASSEMBLY}.lbListener"}
    assert set(assembly["types"]) == {f"{ASSEMBLY}.s3controlBucket.Main", f"{ASSEMBLY}.lbListener.Main"}
    assert files["lib/index.js"].decode().splitlines() == [
        '"use strict";',
        'Object.defineProperty(exports, "__esModule", { value: true });',
        'exports.s3controlBucket = require("./s3control-bucket");',
        'exports.lbListener = require("./lb-listener");',
    ]


def test_what_stays_is_unchanged_but_for_source_maps(tmp_path: Path) -> None:
    stock = provider_files()
    files = unpack(trim(tmp_path, stock, "vpc"))
    assert files["package.json"] == stock["package.json"]
    assert files["lib/vpc/index.js"] == b'"use strict";\nconst cdktf = require("cdktf");\n'
    before, after = json.loads(stock[".jsii"]), json.loads(files[".jsii"])
    assert after["types"] == {f"{ASSEMBLY}.vpc.Main": before["types"][f"{ASSEMBLY}.vpc.Main"]}
    assert {key: before[key] for key in ("name", "version")} == {
        key: after[key] for key in ("name", "version")
    }


def test_the_same_submodules_give_the_same_bytes(tmp_path: Path) -> None:
    """jsii keeps what it unpacked by content: other bytes would make it unpack, and keep, the same again."""
    first = trim(tmp_path / "first", provider_files(), "vpc", "lb_listener")
    assert trim(tmp_path / "second", provider_files(), "lb_listener", "vpc") == first
    assert first[4:8] == bytes(4), "the time in gzip's header"


def without(name: str) -> Callable[[Files], None]:
    return lambda files: files.__delitem__(name)


def with_content(name: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.__setitem__(name, content)


def mentions_one_without_code(files: Files) -> None:
    mentions_another(files)
    for name in [name for name in files if name.startswith("lib/lb-listener")]:
        del files[name]


def mentions_another(files: Files) -> None:
    """Has a type of `vpc` derive from one of `lb_listener`, and its code load that one's."""
    assembly = json.loads(files[".jsii"])
    assembly["types"][f"{ASSEMBLY}.vpc.Main"]["base"] = f"{ASSEMBLY}.lbListener.Main"
    files[".jsii"] = json.dumps(assembly).encode()
    files["lib/vpc/index.js"] = b'require("../lb-listener/index")'


def test_a_submodule_that_another_mentions_stays(tmp_path: Path) -> None:
    files = provider_files()
    mentions_another(files)
    trimmed = unpack(trim(tmp_path, files, "vpc"))
    assert {"lib/vpc/index.js", "lib/lb-listener/structs/structs0.js"} <= set(trimmed)
    assert set(json.loads(trimmed[".jsii"])["submodules"]) == {f"{ASSEMBLY}.vpc", f"{ASSEMBLY}.lbListener"}


def test_the_index_of_a_newer_compiler_is_read(tmp_path: Path) -> None:
    files = provider_files()
    wrapped = re.sub(rb'require\("([^"]*)"\);', rb'__importStar(require("\1/index"));', files["lib/index.js"])
    assert wrapped != files["lib/index.js"]
    same = trim(tmp_path / "first", files, "vpc")
    assert trim(tmp_path / "second", files | {"lib/index.js": wrapped}, "vpc") == same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without(".jsii"), r"isn't laid out as expected: KeyError\('\.jsii'\)"),
        (without("lib/index.js"), "isn't laid out as expected"),
        (without("lib/vpc/index.js"), "has no submodule vpc"),
        (with_content("lib/index.js", b""), "has no submodule vpc"),
        (with_content(".jsii", b'{"schema": "jsii/file-redirect"}'), "isn't laid out as expected"),
        (
            with_content(".jsii", b'{"name": "x", "types": [], "submodules": []}'),
            "isn't laid out as expected",
        ),
        (with_content(".jsii", b"\x1f\x8b"), "isn't laid out as expected"),
        (
            with_content("lib/vpc/index.js", b'require("../lb-listener")'),
            "lib/vpc/index.js loads lib/lb-listener",
        ),
        (mentions_one_without_code, "has no submodule lblistener"),
    ],
)
def test_a_layout_that_would_break_is_refused(
    tmp_path: Path, change: Callable[[Files], None], message: str
) -> None:
    files = provider_files()
    change(files)
    with pytest.raises(BindingsError, match=message):
        trim(tmp_path, files, "vpc")
    assert not (tmp_path / "trimmed").exists()


def test_unknown_submodules_are_named(tmp_path: Path) -> None:
    with pytest.raises(BindingsError, match="has no submodule subnet, vcp"):
        trim(tmp_path, provider_files(), "vpc", "vcp", "subnet")


def test_a_truncated_tarball_is_refused(tmp_path: Path) -> None:
    stock = StockPackage(CDKTF, VERSION, write_provider(tmp_path / "site", provider_files()))
    stock.tarball.write_bytes(stock.tarball.read_bytes()[:-200])
    with pytest.raises(BindingsError, match="isn't laid out as expected"):
        write_trimmed(stock, ["vpc"], tmp_path / "trimmed")


def test_a_second_tarball_is_refused(tmp_path: Path) -> None:
    stock = StockPackage(CDKTF, VERSION, write_provider(tmp_path / "site", provider_files()))
    (stock.directory / "_jsii" / "another.jsii.tgz").touch()
    with pytest.raises(BindingsError, match=r"holds 2 \.jsii\.tgz files"):
        write_trimmed(stock, ["vpc"], tmp_path / "trimmed")
