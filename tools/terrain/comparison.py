"""What CDK Terrain synthesizes otherwise than CDKTF: a written list, and nothing else."""

import fnmatch
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_ABSENT = "absent"
_CORE = ('"0.21.0"', '"0.24.0"')
# File, path of keys, and what each toolkit writes there. A difference that is gone is reported, too.
EXPECTED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "manifest.json": {"version": _CORE},
    "stacks/*/cdk.tf.json": {
        "//.metadata.version": _CORE,
        "terraform.required_providers.aws.source": ('"aws"', '"hashicorp/aws"'),
        "terraform.required_providers.aws.version": ('"5.100.0"', '"6.69.1"'),
    },
}


def unexpected_differences(cdktf: Path, terrain: Path) -> list[str]:
    """Where two output directories differ otherwise than by EXPECTED; one line each.

    JSON is compared by its values, other files byte for byte.
    """
    found: list[str] = []
    for name in sorted(_files(cdktf) | _files(terrain)):
        first, second = _values(cdktf / name), _values(terrain / name)
        for path in sorted(first.keys() | second.keys()):
            values = first.get(path, _ABSENT), second.get(path, _ABSENT)
            expected = _expected(name).get(path)
            if values == expected or (expected is None and values[0] == values[1]):
                continue
            wanted = f", expected: {' and '.join(expected)}" if expected else ""
            found.append(f"{name}: {path}: cdktf writes {values[0]}, cdktn writes {values[1]}{wanted}")
    return found


def _files(directory: Path) -> set[str]:
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}


def _expected(name: str) -> Mapping[str, tuple[str, str]]:
    return next((values for pattern, values in EXPECTED.items() if fnmatch.fnmatch(name, pattern)), {})


def _values(file: Path) -> dict[str, str]:
    """Each value of a JSON file by its path of keys; the content of another file as the only one."""
    if not file.is_file():
        return {}
    if file.suffix != ".json":
        return {"SHA-256": hashlib.sha256(file.read_bytes()).hexdigest()}
    return dict(_leaves(json.loads(file.read_text(encoding="utf-8")), ()))


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    if not children:
        yield ".".join(path), json.dumps(value)
    for key, child in children:
        yield from _leaves(child, (*path, str(key)))
