"""Directories with a configuration in which `main.py` is run as its user does."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEPLOYMENTS = ("local", "production", "staging")


def with_shipped_configuration(directory: Path) -> Path:
    """Copies the repository's `config/` into `directory` and returns it."""
    shutil.copytree(ROOT / "config", directory / "config")
    return directory


def made_once(directory: Path, make: Callable[[Path], object]) -> Path:
    """`directory`, made by the first of all processes that want it: `make` fills it under another name."""
    with directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            unfinished = directory.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)  # of one who failed
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(directory)
    return directory


def synthesize(workspace: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `main.py` in `workspace`; what it synthesizes goes to `cdktf.out/` there."""
    return subprocess.run(
        [sys.executable, str(ROOT / "main.py")],
        cwd=workspace,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def stack_directory(workspace: Path, deployment: str) -> Path:
    """Where `terraform` runs for that deployment."""
    return workspace / "cdktf.out" / "stacks" / deployment


def stack_of(workspace: Path, deployment: str) -> dict[str, Any]:
    """The synthesized JSON of one deployment."""
    text = (stack_directory(workspace, deployment) / "cdk.tf.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
