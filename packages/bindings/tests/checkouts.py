"""Copies of `packages/bindings/src/trimmed_bindings/` in checkouts of their own, run in processes of their own."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trimmed_bindings

REPOSITORY = Path(trimmed_bindings.__file__).resolve().parent.parent


@dataclass(frozen=True)
class Checkout:
    """A directory with `packages/bindings/src/trimmed_bindings/` and `modules/` as in the repository, and another one to run from."""

    root: Path
    cwd: Path
    site: Path

    @property
    def cache(self) -> Path:
        return self.root / ".cache" / "bindings"

    @property
    def entries(self) -> list[Path]:
        """What the cache holds."""
        return sorted(self.cache.glob("*")) if self.cache.is_dir() else []

    def imports(self, *lines: str) -> None:
        """Makes these the imports of `modules/`."""
        (self.root / "modules").mkdir(exist_ok=True)
        (self.root / "modules" / "network.py").write_text("\n".join(lines) + "\n")

    def run(self, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs Python code in a new process that finds this checkout and its provider first."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("BLUEGREEN_", "JSII_"))
        }
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.cwd,
            env={**inherited, "PYTHONPATH": f"{self.root}{os.pathsep}{self.site}", **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def activate(self, then: str = "result = None", **environment: str) -> "Activated":
        """Calls `trimmed_bindings.activate()` in a new process, then runs code that sets `result`."""
        process = self.run(
            "import bindings, json\nactivation = trimmed_bindings.activate()\n"
            f"{then}\n"
            "print(json.dumps([activation.trimmed, activation.path and str(activation.path),"
            " activation.submodules, activation.reason, result]))",
            **environment,
        )
        assert process.returncode == 0, process.stderr
        trimmed, path, submodules, reason, result = json.loads(process.stdout)
        return Activated(trimmed, path, submodules, reason, result, process.stderr)


@dataclass(frozen=True)
class Activated:
    """What `Checkout.activate` saw in the other process."""

    trimmed: bool
    path: str | None
    submodules: list[str]
    reason: str
    result: Any
    stderr: str


def copy_of_bindings(directory: Path) -> Path:
    """Copies `packages/bindings/src/trimmed_bindings/` into `directory`, which it returns; its cache is then there, too."""
    shutil.copytree(
        REPOSITORY / "bindings", directory / "bindings", ignore=shutil.ignore_patterns("__pycache__")
    )
    return directory
