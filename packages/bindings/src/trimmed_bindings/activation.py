"""Puts the trimmed bindings before the stock ones on `sys.path`, or says why it doesn't."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from trimmed_bindings import entries, guard, kernel, renaming, trimming
from trimmed_bindings.errors import BindingsError, in_one_line
from trimmed_bindings.imports import READING_VERSION, contents, imported_submodules
from trimmed_bindings.toolkits import CDKTF, Toolkit

# Directories below the cache.
BINDINGS, IMPORTS, KERNEL = "bindings", "imports", "kernel"
SWITCH_OFF = "STOCK_BINDINGS"
WARNING = "bindings: the stock AWS bindings are used, synthesis takes some ten seconds longer: "

_SILENCED_NODE_VERSIONS = "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"
_NODE_PAST_ITS_END = "20"
_FOUND = "submodules.json"


@dataclass(frozen=True)
class Activation:
    """Which bindings an import of the provider gets from now on."""

    toolkit: Toolkit
    trimmed: bool
    path: Path | None
    """The directory put on `sys.path`; None for the stock package."""
    submodules: tuple[str, ...]
    """What the trimmed bindings hold, sorted; empty for the stock package."""
    reason: str
    """Why these."""


def activate(source: Path, *, cache: Path, toolkit: Toolkit = CDKTF) -> Activation:
    """Has later imports of the provider find bindings trimmed to what the Python files below `source` import.

    `cache`: a directory for what is made once; any number of processes may share it. `toolkit`: the one to
    synthesize with; imports of `cdktf` and its provider find that toolkit's packages. Call this before
    anything imports the provider; a second call is harmless. Trimming that fails raises nothing: the stock
    package then serves, after one line on stderr that says why.
    """
    cache = cache.resolve()
    _silence_node_banner()
    if toolkit.provider not in sys.modules:
        _withdraw(cache)
        renaming.install(CDKTF, toolkit)
    if os.environ.get(SWITCH_OFF, "0") not in ("", "0"):
        return _stock(toolkit, f"{SWITCH_OFF} is set")
    try:
        return _activate_trimmed(toolkit, source.resolve(), cache)
    except (BindingsError, OSError) as error:
        reason = in_one_line(error)
        sys.stderr.write(f"{WARNING}{reason}\n")
        return _stock(toolkit, reason)


def _stock(toolkit: Toolkit, reason: str) -> Activation:
    return Activation(toolkit, trimmed=False, path=None, submodules=(), reason=reason)


def _activate_trimmed(toolkit: Toolkit, source: Path, cache: Path) -> Activation:
    submodules = _imported_submodules(source, cache / IMPORTS)
    if not submodules:
        raise BindingsError(f"{source} imports nothing of the AWS provider")
    stock = trimming.installed(toolkit)
    entry = (
        cache
        / BINDINGS
        / entries.entry_name(trimming.TRIMMING_VERSION, toolkit.distribution, stock.version, submodules)
    )
    if not _already_imported_from(entry, toolkit.provider):
        entries.ensure(entry, lambda draft: trimming.write_trimmed(stock, submodules, draft))
        sys.path.insert(0, str(entry))
        guard.install(guard.UntrimmedImportGuard(toolkit, submodules, source))
        kernel.start_directly(cache / KERNEL)
    return Activation(
        toolkit, trimmed=True, path=entry, submodules=submodules, reason=f"what {source} imports"
    )


def _imported_submodules(source: Path, directory: Path) -> tuple[str, ...]:
    """What the files below `source` import, sorted. Parsed anew only when one of them has changed."""
    entry = directory / entries.entry_name(READING_VERSION, contents(source))
    try:
        entries.ensure(entry, lambda draft: _write_imports(source, draft / _FOUND))
        return tuple(json.loads((entry / _FOUND).read_text(encoding="utf-8")))
    except (BindingsError, OSError):  # a cache that can't be written, or is damaged: it only saves time
        return tuple(sorted(imported_submodules(source)))


def _write_imports(source: Path, path: Path) -> None:
    path.write_text(json.dumps(sorted(imported_submodules(source))), encoding="utf-8")


def _already_imported_from(entry: Path, package: str) -> bool:
    """Raises BindingsError if the provider was imported from elsewhere: it can't be exchanged any more."""
    if package not in sys.modules:
        return False
    origin = sys.modules[package].__file__ or ""
    if Path(origin).is_relative_to(entry):
        return True
    raise BindingsError(f"{package} was imported (from {origin}) before activate() was called")


def _withdraw(cache: Path) -> None:
    """Undoes an earlier activation that nothing has used yet."""
    sys.path[:] = [path for path in sys.path if Path(path).parent != cache / BINDINGS]
    guard.uninstall()
    renaming.uninstall()
    kernel.withdraw(cache / KERNEL)


def _silence_node_banner() -> None:
    """jsii warns in ten lines, on each start, of a Node past its end of life.

    The variable lists the major versions to be silent about; other values in it are left there.
    """
    silenced = [version for version in os.environ.get(_SILENCED_NODE_VERSIONS, "").split(",") if version]
    if _NODE_PAST_ITS_END not in silenced:
        os.environ[_SILENCED_NODE_VERSIONS] = ",".join([*silenced, _NODE_PAST_ITS_END])
