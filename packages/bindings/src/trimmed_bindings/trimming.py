"""Cuts the provider's bindings down to some of their submodules.

A jsii package is two things under one name: Python modules, and a tarball that the jsii kernel loads into
Node. The stock Python submodules serve as they are, found through `extend_path`. The tarball is written anew,
with the types (`.jsii`), the index and the code of the wanted submodules alone.
"""

import gzip
import io
import json
import posixpath
import re
import tarfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from trimmed_bindings.errors import BindingsError
from trimmed_bindings.imports import PACKAGE

TRIMMING_VERSION = 1
"""Raise it with every change of what is written: the cache then no longer uses what was written before."""

_DISTRIBUTION = "cdktf-cdktf-provider-aws"
_INIT = """from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
"""
_INDEX_HEAD = '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n'
_EXPORT = re.compile(r'^exports\.(\w+) = require\("\./([\w-]+)"\);$', re.MULTILINE)
_RELATIVE_REQUIRE = re.compile(rb'require\("(\.[^"]*)"\)')
# Half of each file's size, and read by no one: Node looks at source maps only in a debugger.
_SOURCE_MAP = re.compile(rb"^//# sourceMappingURL=.*$", re.MULTILINE)


@dataclass(frozen=True)
class StockPackage:
    """The provider's bindings as installed."""

    version: str
    directory: Path

    @property
    def tarball(self) -> Path:
        """What the jsii kernel loads. Raises BindingsError unless there is exactly one."""
        found = sorted((self.directory / "_jsii").glob("*.jsii.tgz"))
        if len(found) != 1:
            raise BindingsError(
                f"{self.directory}/_jsii holds {len(found)} .jsii.tgz files where one was expected"
            )
        return found[0]


def installed() -> StockPackage:
    """The installed bindings, whatever else `sys.path` has. Raises BindingsError if there are none."""
    try:
        found = distribution(_DISTRIBUTION)
    except PackageNotFoundError as error:
        raise BindingsError(f"{_DISTRIBUTION} is not installed") from error
    return StockPackage(found.version, Path(str(found.locate_file(PACKAGE))))


def write_trimmed(stock: StockPackage, submodules: Collection[str], destination: Path) -> None:
    """Writes a package below `destination` that replaces the stock one when it comes first on `sys.path`.

    The same submodules give the same bytes. Takes some three seconds and 700 MB, both for reading the stock
    types. Raises BindingsError where the stock package isn't laid out as expected, OSError where it can't be
    read or the trimmed one written.
    """
    try:
        members = _trimmed(_read_members(stock.tarball, submodules), submodules)
    except (tarfile.TarError, zlib.error, EOFError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BindingsError(f"{stock.tarball} isn't laid out as expected: {error!r}") from error
    package = destination / PACKAGE
    jsii = package / "_jsii"
    jsii.mkdir(parents=True)
    (package / "__init__.py").write_text(_INIT, encoding="utf-8")
    (jsii / "__init__.py").write_bytes((stock.directory / "_jsii" / "__init__.py").read_bytes())
    _write_tarball(jsii / stock.tarball.name, members)


def _read_members(tarball: Path, submodules: Collection[str]) -> dict[str, bytes]:
    """The tarball's files that matter: three of the package, and the code of the submodules."""
    wanted = {submodule.replace("_", "") for submodule in submodules}
    members: dict[str, bytes] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            match name.split("/"):
                case [".jsii"] | ["package.json"] | ["lib", "index.js"]:
                    pass
                # Python's s3_control_bucket is s3control-bucket here: only the letters agree.
                case ["lib", folder, *_, last] if folder.replace("-", "") in wanted and last.endswith(".js"):
                    pass
                case _:
                    continue
            content = archive.extractfile(member)
            if content is not None:
                members[name] = content.read()
    return members


def _trimmed(members: Mapping[str, bytes], submodules: Collection[str]) -> dict[str, bytes]:
    """The files of the trimmed tarball."""
    code = {name: content for name, content in members.items() if name.count("/") > 1}
    folders = {name.split("/")[1] for name in code}
    index = members["lib/index.js"].decode("utf-8")
    exports = [match for match in _EXPORT.finditer(index) if match[2] in folders]
    found = {folder.replace("-", "") for _, folder in (match.groups() for match in exports)}
    missing = sorted(name for name in submodules if name.replace("_", "") not in found)
    if missing:
        raise BindingsError(f"{PACKAGE} has no submodule {', '.join(missing)}")
    assembly = json.loads(members[".jsii"])
    _trim_assembly(assembly, {match[1] for match in exports})
    _refuse_requires_outside(code)
    return {
        "package.json": members["package.json"],
        ".jsii": json.dumps(assembly).encode("utf-8"),
        "lib/index.js": (_INDEX_HEAD + "".join(f"{match[0]}\n" for match in exports)).encode("utf-8"),
        **{name: _SOURCE_MAP.sub(b"", content) for name, content in sorted(code.items())},
    }


def _trim_assembly(assembly: dict[str, Any], namespaces: Collection[str]) -> None:
    """Cuts a jsii assembly down to `namespaces`. Raises BindingsError if what stays mentions what goes."""
    prefix = assembly["name"] + "."
    for part in ("types", "submodules"):
        assembly[part] = {
            name: entry
            for name, entry in assembly[part].items()
            if name.removeprefix(prefix).partition(".")[0] in namespaces
        }
    mentioned = re.findall(rf'"{re.escape(prefix)}(\w+)', json.dumps(assembly["types"]))
    if outside := sorted(set(mentioned) - set(namespaces)):
        raise BindingsError(f"types that are used mention others, of {', '.join(outside)}")


def _refuse_requires_outside(code: Mapping[str, bytes]) -> None:
    """Raises BindingsError if the code of a submodule loads code of another."""
    for name, content in code.items():
        folder = "/".join(name.split("/")[:2])
        for required in _RELATIVE_REQUIRE.findall(content):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), required.decode("utf-8")))
            if target != folder and not target.startswith(f"{folder}/"):
                raise BindingsError(f"{name} loads {target}")


def _write_tarball(path: Path, members: Mapping[str, bytes]) -> None:
    """Without times, names and owners, so that jsii's own cache, keyed by content, knows it again."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w") as archive,
    ):
        for name, content in members.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
