"""Directories that are written once, whole or not at all, and used by many processes."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from trimmed_bindings.errors import BindingsError

KEPT_ENTRIES = 5
"""Entries that outlive the writing of a new one: a few branches' worth."""

_DRAFT = ".draft-"
_ABANDONED_AFTER_S = 3600
_MANIFEST = "manifest.json"


def entry_name(*inputs: object) -> str:
    """The name of the entry that these inputs, as JSON, lead to."""
    return hashlib.sha256(json.dumps(inputs).encode("utf-8")).hexdigest()[:16]


def ensure(entry: Path, write: Callable[[Path], None]) -> None:
    """Makes sure that `entry` is there and whole. If it isn't there, `write` fills a new directory for it.

    Any number of processes may do so at once: each fills a directory of its own, the first to finish wins.
    Raises BindingsError for an entry that isn't what was once written, OSError if it can't be written, and
    whatever `write` raises.
    """
    if not entry.is_dir():
        _create(entry, write)
        _prune(entry.parent)
    _verify(entry)
    with contextlib.suppress(OSError):  # a cache that can only be read is never pruned either
        os.utime(entry)


def _create(entry: Path, write: Callable[[Path], None]) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=entry.parent))
    try:
        write(draft)
        files = [path for path in sorted(draft.rglob("*")) if path.is_file()]
        digests = {path.relative_to(draft).as_posix(): _digest(path) for path in files}
        (draft / _MANIFEST).write_text(json.dumps(digests, indent=2), encoding="utf-8")
        try:
            draft.rename(entry)
        except OSError:
            if not entry.is_dir():  # otherwise another process was first, and its entry is as good
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _verify(entry: Path) -> None:
    """Raises BindingsError unless every file is as it was written. Others, left by imports, don't matter."""
    try:
        digests = json.loads((entry / _MANIFEST).read_text(encoding="utf-8"))
        damaged = [name for name, digest in digests.items() if _digest(entry / name) != digest]
    except (OSError, ValueError, AttributeError) as error:
        damaged = [str(error)]
    if damaged:
        raise BindingsError(f"{entry} is damaged ({', '.join(damaged)}); remove it and it is written anew")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _prune(directory: Path) -> None:
    """Removes all but the most recently used entries, and the drafts of processes that were killed."""
    last_used: dict[Path, float] = {}
    for path in directory.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process's draft, finished meanwhile
            last_used[path] = path.stat().st_mtime
    drafts = {path for path in last_used if path.name.startswith(_DRAFT)}
    abandoned = [path for path in drafts if last_used[path] < time.time() - _ABANDONED_AFTER_S]
    entries = sorted(last_used.keys() - drafts, key=last_used.__getitem__, reverse=True)
    for path in [*abandoned, *entries[KEPT_ENTRIES:]]:
        shutil.rmtree(path, ignore_errors=True)
