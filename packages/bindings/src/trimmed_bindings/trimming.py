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
from trimmed_bindings.toolkits import Toolkit

TRIMMING_VERSION = 2
"""Raise it with every change of what is written: the cache then no longer uses what was written before."""

_INIT = """from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
"""
_INDEX_HEAD = '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n'
# Newer compilers of TypeScript name the file and wrap the call: `__importStar(require("./vpc/index"))`.
_EXPORT = re.compile(
    r'^exports\.(\w+) = (?:__importStar\()?require\("\./([\w-]+)(?:/index)?"\)\)?;$', re.MULTILINE
)
_RELATIVE_REQUIRE = re.compile(rb'require\("(\.[^"]*)"\)')
# Half of each file's size, and read by no one: Node looks at source maps only in a debugger.
_SOURCE_MAP = re.compile(rb"^//# sourceMappingURL=.*$", re.MULTILINE)


@dataclass(frozen=True)
class StockPackage:
    """The provider's bindings as installed."""

    toolkit: Toolkit
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


def installed(toolkit: Toolkit) -> StockPackage:
    """The toolkit's installed bindings, whatever is first on `sys.path`. Raises BindingsError without any."""
    try:
        found = distribution(toolkit.distribution)
    except PackageNotFoundError as error:
        raise BindingsError(f"{toolkit.distribution} is not installed") from error
    return StockPackage(toolkit, found.version, Path(str(found.locate_file(toolkit.provider))))


def write_trimmed(stock: StockPackage, submodules: Collection[str], destination: Path) -> None:
    """Writes a package below `destination` that replaces the stock one when it comes first on `sys.path`.

    The same submodules give the same bytes. Takes some three seconds and 700 MB, both for reading the stock
    types. Raises BindingsError where the stock package isn't laid out as expected, OSError where it can't be
    read or the trimmed one written.
    """
    try:
        members = _trimmed(stock.tarball, submodules)
    except (tarfile.TarError, zlib.error, EOFError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BindingsError(f"{stock.tarball} isn't laid out as expected: {error!r}") from error
    package = destination / stock.toolkit.provider
    jsii = package / "_jsii"
    jsii.mkdir(parents=True)
    (package / "__init__.py").write_text(_INIT, encoding="utf-8")
    (jsii / "__init__.py").write_bytes((stock.directory / "_jsii" / "__init__.py").read_bytes())
    _write_tarball(jsii / stock.tarball.name, members)


def _trimmed(tarball: Path, submodules: Collection[str]) -> dict[str, bytes]:
    """The files of the trimmed tarball."""
    wanted = frozenset(map(_letters, submodules))
    members = _read_members(tarball, wanted)
    assembly = json.loads(members[".jsii"])
    kept = _with_mentioned(assembly, wanted)
    if kept != wanted:
        members = _read_members(tarball, kept)
    code = {name: content for name, content in members.items() if name.count("/") > 1}
    folders = {name.split("/")[1] for name in code}
    index = members["lib/index.js"].decode("utf-8")
    exports = [match.groups() for match in _EXPORT.finditer(index) if match[2] in folders]
    if missing := kept - {_letters(folder) for _, folder in exports}:
        raise BindingsError(f"the provider has no submodule {', '.join(_named(missing, submodules))}")
    assembly |= {part: _kept(assembly, part, kept) for part in ("types", "submodules")}
    _refuse_requires_outside(code, folders)
    return {
        "package.json": members["package.json"],
        ".jsii": json.dumps(assembly).encode("utf-8"),
        "lib/index.js": (_INDEX_HEAD + "".join(_export(*export) for export in exports)).encode("utf-8"),
        **{name: _SOURCE_MAP.sub(b"", content) for name, content in sorted(code.items())},
    }


def _letters(name: str) -> str:
    """Python's s3_control_bucket is s3control-bucket in the tarball: only the letters agree."""
    return re.sub("[_-]", "", name).lower()


def _named(letters: Collection[str], submodules: Collection[str]) -> list[str]:
    names = {_letters(name): name for name in submodules}
    return sorted(names.get(name, name) for name in letters)


def _read_members(tarball: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """The tarball's files that matter: three of the package, and the code of the wanted submodules."""
    members: dict[str, bytes] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            name = member.name.removeprefix("package/")
            match name.split("/"):
                case [".jsii"] | ["package.json"] | ["lib", "index.js"]:
                    pass
                case ["lib", folder, *_, last] if _letters(folder) in wanted and last.endswith(".js"):
                    pass
                case _:
                    continue
            content = archive.extractfile(member)
            if content is not None:
                members[name] = content.read()
    return members


def _with_mentioned(assembly: dict[str, Any], wanted: frozenset[str]) -> frozenset[str]:
    """`wanted`, and the submodules whose types these mention: `provider` of version 6 mentions another."""
    mention = re.compile(rf'"{re.escape(assembly["name"])}\.(\w+)')
    while True:
        used = json.dumps(_kept(assembly, "types", wanted))
        more = frozenset(map(_letters, mention.findall(used)))
        if more <= wanted:
            return wanted
        wanted |= more


def _kept(assembly: dict[str, Any], part: str, wanted: Collection[str]) -> dict[str, Any]:
    """The entries of the assembly's `types` or `submodules` that are of the wanted submodules."""
    prefix = assembly["name"] + "."
    return {
        name: entry
        for name, entry in assembly[part].items()
        if _letters(name.removeprefix(prefix).partition(".")[0]) in wanted
    }


def _export(namespace: str, folder: str) -> str:
    return f'exports.{namespace} = require("./{folder}");\n'


def _refuse_requires_outside(code: Mapping[str, bytes], folders: Collection[str]) -> None:
    """Raises BindingsError if the code that stays loads code that goes."""
    for name, content in code.items():
        for required in _RELATIVE_REQUIRE.findall(content):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), required.decode("utf-8")))
            match target.split("/"):
                case ["lib", folder, *_] if folder in folders:
                    pass
                case _:
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
