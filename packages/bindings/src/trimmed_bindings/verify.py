"""Proves that trimmed bindings synthesize what stock ones do. Run it after raising the provider's version.

    python -m trimmed_bindings.verify [COMMAND ...]

COMMAND synthesizes into the directory that CDKTF_OUTDIR names; by default it is `python main.py`. Exit
code 0: the same files, byte for byte; 1: not so.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from trimmed_bindings.activation import SWITCH_OFF, WARNING
from trimmed_bindings.errors import BindingsError

_TIMEOUT_S = 300


def differences(command: Sequence[str], *, cwd: Path | None = None) -> list[str]:
    """The files, sorted and relative to the output directory, in which the two outputs of `command` differ.

    Runs it twice, with trimmed and with stock bindings; a file that only one of them wrote differs. Raises
    BindingsError if a run fails, writes nothing, or isn't what it should be because trimming failed.
    """
    with tempfile.TemporaryDirectory() as directory:
        trimmed = _synthesized(command, cwd, Path(directory, "trimmed"), stock="0")
        stock = _synthesized(command, cwd, Path(directory, "stock"), stock="1")
    return sorted(name for name in trimmed.keys() | stock.keys() if trimmed.get(name) != stock.get(name))


def _synthesized(command: Sequence[str], cwd: Path | None, outdir: Path, *, stock: str) -> dict[str, bytes]:
    """The content of each file that `command` writes."""
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "CDKTF_OUTDIR": str(outdir), SWITCH_OFF: stock},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    call = f"{' '.join(command)} with {SWITCH_OFF}={stock}"
    if result.returncode != 0 or WARNING in result.stderr:
        raise BindingsError(f"{call} ended with {result.returncode}:\n{result.stderr}")
    files = {
        path.relative_to(outdir).as_posix(): path.read_bytes() for path in outdir.rglob("*") if path.is_file()
    }
    if not files:
        raise BindingsError(f"{call} wrote nothing to CDKTF_OUTDIR")
    return files


def main(command: Sequence[str]) -> int:
    """0: the outputs are the same; 1: they differ, or there are none."""
    try:
        differing = differences(command or (sys.executable, "main.py"))
    except BindingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"differs: {name}\n" for name in differing) or "the same, byte for byte\n")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
