"""What a Lambda function's code calls: read from its package, which lies beside the stack's JSON.

Only code that the handler reaches by imports counts: a package may hold anything else, too.
"""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath

from stack_gate.stack import Block

from policies._imports import clients, fakes, live, reachable
from policies._mentions import can_name

# What a switch needs of its clients.
SWITCHING_CALLS = ("modify_listener", "describe_listeners", "put_parameter")
_PYTHON, _JAVASCRIPT = (".py",), (".js", ".mjs", ".cjs", ".ts")
_LARGEST = 5_000_000  # bytes of one source file; what is larger is no source
_MOST = 5_000  # files
_LONG = 1_000_000  # characters of a package's code: reading it takes longer than the other policies together
_LARGEST_PACKAGE = 250_000_000  # bytes
_MODULE_DIRECTORY = re.compile(r"^(?:\$\{)?path\.(?:module|root|cwd)\}?/")
_ARCHIVE = re.compile(r"^(?:\$\{)?data\.(archive_file\.[\w-]+)\.output_path\}?$")
# `new ModifyListenerCommand(` and `client.modifyListener(`
_JAVASCRIPT_CALL = re.compile(r"\bnew (\w+)Command\s*\(|\.(\w+)\s*\(")


class UnseenError(Exception):
    """The code can't be looked at. Its text completes a sentence that begins with the function."""


@dataclass(frozen=True)
class Code:
    """`calls`: names of the methods that the code calls, as boto3 writes them (modify_listener)."""

    calls: frozenset[str]
    clients: frozenset[tuple[str, str]] = frozenset()  # (service as boto3 names it, method)
    words: frozenset[str] = frozenset()  # strings of one word
    live: frozenset[str] = frozenset()  # of `calls`, those that run once the handler is called
    fakes: tuple[str, ...] = ()  # why the clients may not be boto3's


@dataclass(frozen=True, eq=False)
class Package:
    """`sources`: text of the code in it, by path."""

    sources: Mapping[str, str]


def may_call(function: Block, method: str) -> bool:
    """Whether the code calls a method of that name; False where the code is unseen."""
    try:
        return _names(_package(function), method) and method in code(function).calls
    except UnseenError:
        return False


def makes(function: Block, method: str) -> bool:
    """Whether its code may make a call of that name, which code without any call can't tell. `method`: lower
    case without underscores; `*` stands for anything. Of a package with a large library any mention counts.
    Raises UnseenError.
    """
    text = _folded(_package(function))
    if len(text) > _LONG:
        return all(part in text for part in method.split("*"))
    calls = code(function).live
    return not calls or any(fnmatchcase(call.replace("_", ""), method) for call in calls)


@lru_cache(maxsize=64)
def _folded(package: Package) -> str:
    return "\n".join(package.sources.values()).lower().replace("_", "")


def code(function: Block) -> Code:
    """The code of a function. Raises UnseenError."""
    found = _read(_package(function), str(function.get("handler") or ""))
    if isinstance(found, str):
        raise UnseenError(f"{found}: {function.get('filename')}")
    return found


def _package(function: Block) -> Package:
    if str(function.get("package_type") or "Zip") != "Zip" or function.get("image_uri"):
        raise UnseenError("is a container image, whose code is not beside the stack")
    filename = function.get("filename")
    if not filename:
        where = "S3, not beside the stack" if function.get("s3_bucket") else "no file: it names no filename"
        raise UnseenError(f"has its package in {where}")
    if (archive := _archive(function, str(filename))) is not None:
        return _archived(archive, Path(archive.file).parent)
    return _zipped(Path(function.file).parent / _MODULE_DIRECTORY.sub("", str(filename)))


def _archive(function: Block, filename: str) -> Block | None:
    """The data source that zips the package, where there is one (provider hashicorp/archive)."""
    if (reference := _ARCHIVE.match(filename)) is not None:
        return function.stack.at(f"data.{reference[1]}")
    archives = (block for block in function.stack.kind("data") if block.type == "archive_file")
    return next((block for block in archives if block.get("output_path") == filename), None)


def _archived(archive: Block, directory: Path) -> Package:
    sources = {
        str(source.get("filename")): str(source.get("content") or "") for source in archive.blocks("source")
    }
    if (content := archive.get("source_content")) is not None:
        sources[str(archive.get("source_content_filename"))] = str(content)
    for argument in ("source_dir", "source_file"):
        if named := archive.get(argument):
            sources |= _files(directory / _MODULE_DIRECTORY.sub("", str(named)))
    return Package(sources)


def _files(path: Path) -> dict[str, str]:
    """Sources of a directory, or the only one, by their path in the package."""
    found = {}
    for file in sorted(path.rglob("*"))[:_MOST] if path.is_dir() else [path]:
        if file.suffix in _PYTHON + _JAVASCRIPT and file.is_file() and file.stat().st_size <= _LARGEST:
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            found[name] = file.read_text(encoding="utf-8", errors="replace")
    return found


def _zipped(path: Path) -> Package:
    try:
        content = path.read_bytes() if path.is_file() and path.stat().st_size <= _LARGEST_PACKAGE else None
    except (OSError, ValueError):  # ValueError: no path at all
        content = None
    if content is None:
        raise UnseenError(f"has a package that is not there, or larger than Lambda takes: {path}")
    found = _unzipped(content)
    if isinstance(found, str):
        raise UnseenError(f"{found}: {path}")
    return found


@lru_cache(maxsize=64)
def _unzipped(content: bytes) -> Package | str:
    """What is in a zip, or what is wrong with it: exceptions are not cached, and many policies ask. By what
    is in it: the colours' functions have packages of their own, and alike.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return Package(
                {
                    entry.filename: package.read(entry).decode("utf-8", errors="replace")
                    for entry in package.infolist()[:_MOST]
                    if PurePosixPath(entry.filename).suffix in _PYTHON + _JAVASCRIPT
                    and entry.file_size <= _LARGEST
                }
            )
    except (
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
    ) as error:
        return f"has a package that can't be read, {error}"


@lru_cache(maxsize=256)
def _names(package: Package, method: str) -> bool:
    """Whether any source of the package can name the method. JavaScript has another name for it."""
    sources = package.sources.items()
    return any(path.endswith(_JAVASCRIPT) or can_name(source, method) for path, source in sources)


@lru_cache(maxsize=64)
def _read(package: Package, handler: str) -> Code | str:
    """What the handler's code does, or why that is unseen."""
    sources = package.sources
    module, _, function = handler.rpartition(".")
    stem = module.replace(".", "/")
    if any(f"{module}{suffix}" in sources for suffix in _JAVASCRIPT):
        return _javascript(sources)
    entry = next((name for name in (f"{stem}.py", f"{stem}/__init__.py") if name in sources), None)
    if entry is None:
        return f"names the handler {handler or '(none)'}, whose source is not in its package"
    try:
        modules = reachable(entry, sources)
    except SyntaxError as error:
        return f"has code that is no Python: {error.filename}:{error.lineno}"
    if function not in modules[entry].globals:
        return f"names the handler {handler}, which {entry} doesn't define"
    found = modules.values()
    return Code(
        frozenset().union(*(module.calls for module in found)),
        clients(found),
        frozenset().union(*(module.words for module in found)),
        live(found, function),
        tuple(fakes(modules, sources, SWITCHING_CALLS)),
    )


def _javascript(sources: Mapping[str, str]) -> Code:
    names = (
        match[1] or match[2]
        for path, text in sources.items()
        if path.endswith(_JAVASCRIPT) and "node_modules/" not in path
        for match in _JAVASCRIPT_CALL.finditer(re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL))
    )
    called = frozenset(snake(name) for name in names)
    return Code(called, live=called)


def snake(name: str) -> str:
    """`ModifyListener` and `modifyListener` as boto3 calls it: modify_listener."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
