"""Files and folders that no other user of this machine can read, from their creation on."""

import os
from pathlib import Path
from typing import IO

FILE_MODE, FOLDER_MODE = 0o600, 0o700
UMASK = 0o077  # of child processes that write such files by themselves


def folder(path: Path) -> Path:
    """Create `path`, and what is missing above it; close it to others where it was there already."""
    if not path.is_dir():
        folder_missing = [path, *path.parents]
        for missing in reversed([found for found in folder_missing if not found.exists()]):
            missing.mkdir(mode=FOLDER_MODE, exist_ok=True)
    path.chmod(FOLDER_MODE)
    return path


def descriptor(path: Path, flags: int = os.O_WRONLY | os.O_CREAT | os.O_TRUNC) -> int:
    """Open `path` for writing; one that was there already is closed to others before anything is in it."""
    opened = os.open(path, flags & ~os.O_TRUNC, FILE_MODE)
    os.fchmod(opened, FILE_MODE)
    if flags & os.O_TRUNC:
        os.ftruncate(opened, 0)
    return opened


def writer(path: Path) -> IO[str]:
    """Open `path` for text, UTF-8, empty."""
    return os.fdopen(descriptor(path), "w", encoding="utf-8")
