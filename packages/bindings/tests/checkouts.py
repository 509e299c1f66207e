"""Programs with a source and a cache of their own, run in processes of their own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]

# Before every program: `activate` for the checkout.
PRELUDE = """
from pathlib import Path
import trimmed_bindings

def activate(source=Path({root!r}, "modules")):
    return trimmed_bindings.activate(source, cache=Path({root!r}, ".cache"))

"""


@dataclass(frozen=True)
class Checkout:
    """A directory with `modules/` and a cache, and another one to run from."""

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

    def program(self, code: str) -> str:
        """Python code as this checkout runs it."""
        return PRELUDE.format(root=str(self.root)) + code

    def run(self, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs Python code, which may call `activate`, in a new process that finds its provider first."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("STOCK_", "JSII_"))
        }
        return subprocess.run(
            [sys.executable, "-c", self.program(code)],
            cwd=self.cwd,
            env={**inherited, "PYTHONPATH": str(self.site), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def activate(self, then: str = "result = None", **environment: str) -> "Activated":
        """Calls `activate()` in a new process, then runs code that sets `result`."""
        process = self.run(
            "import json\nactivation = activate()\n"
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
