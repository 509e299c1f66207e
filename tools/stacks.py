"""What a change does to the synthesized stacks: addresses and arguments that differ from those of a commit.

    python -m tools.stacks COMMIT

Exit code 1 where something differs: a construct with another address replaces its resource. What depends on
bytes of code is left out: hashes, and names of packages.
"""

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
Documents = Mapping[str, dict[str, Any]]  # deployment → its synthesized JSON
_PACKAGE = re.compile(r"assets/[\w-]+/[0-9A-F]{32}/(\w+)-[0-9a-f]{16}\.zip")
_LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "provider": 1, "output": 1, "variable": 1}
_UNNAMED = ("//", "source_code_hash")
_TIMEOUT = 600  # seconds for a synthesis of every deployment


def main(arguments: list[str]) -> int:
    """Prints a line for each difference."""
    if len(arguments) != 1:
        sys.stderr.write("error: tools.stacks takes one commit\n  fix: name it, for example HEAD~1\n")
        return 2
    with tempfile.TemporaryDirectory() as directory:
        before = Path(directory, "before")
        archived(arguments[0], before)
        found = list(differences(synthesized(before), synthesized(ROOT)))
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.stdout.write(f"{len(found)} differences from {arguments[0]}\n")
    return 1 if found else 0


def archived(commit: str, directory: Path) -> None:
    """Writes the tree of a commit into `directory`. Raises CalledProcessError where there is none."""
    command = ["git", "archive", "--format=tar", commit]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tree:
        tree.extractall(directory, filter="data")


def synthesized(tree: Path) -> dict[str, dict[str, Any]]:
    """The stacks of every deployment of a tree, made by its own code. Raises CalledProcessError."""
    sources = os.pathsep.join(map(str, sorted(tree.glob("packages/*/src"))))
    with tempfile.TemporaryDirectory() as out:
        environment = {**os.environ, "CDKTF_OUTDIR": out, "PYTHONPATH": sources}
        environment.pop("DEPLOYMENT", None)
        command = [sys.executable, "main.py"]
        subprocess.run(command, cwd=tree, env=environment, check=True, timeout=_TIMEOUT, capture_output=True)
        files = sorted(Path(out).glob("stacks/*/cdk.tf.json"))
        return {file.parent.name: json.loads(file.read_text(encoding="utf-8")) for file in files}


def differences(before: Documents, after: Documents) -> Iterator[str]:
    """Addresses that are gone (-) or new (+), and arguments (~) of the others that have another value."""
    for name in sorted({*before, *after}):
        then, now = dict(_blocks(before.get(name, {}))), dict(_blocks(after.get(name, {})))
        for address in sorted({*then, *now}):
            if address not in now:
                yield f"{name}: - {address}"
            elif address not in then:
                yield f"{name}: + {address}"
            else:
                changed = _changed(then[address], now[address])
                yield from (f"{name}: ~ {address}: {argument}" for argument in changed)


def _blocks(document: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind, content in document.items():
        if kind not in _UNNAMED:
            yield from _labelled(kind, content, _LABELS.get(kind, 0))


def _labelled(address: str, content: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if depth == 0 or not isinstance(content, dict):
        yield address, content
        return
    for label, inner in content.items():
        yield from _labelled(f"{address}.{label}", inner, depth - 1)


def _changed(before: Any, after: Any, path: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after} - {*_UNNAMED}):
            yield from _changed(before.get(key), after.get(key), f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changed(one, other, f"{path}[{index}]")
    elif _comparable(before) != _comparable(after):
        yield path


def _comparable(value: Any) -> Any:
    return _PACKAGE.sub(r"(package of \1)", value) if isinstance(value, str) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
