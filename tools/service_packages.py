"""`python -m tools.service_packages` writes examples/service/requirements.txt from Pipfile.lock.

The example's image has the versions that its tests run with, each package by its hashes, and no other one.
"""

import json
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FILE = ROOT / "examples/service/requirements.txt"
IMPORTED = ("aiohttp", "boto3", "pymysql")
# Of the image, not of this machine.
IMAGE = {
    "extra": "",
    "platform_python_implementation": "CPython",
    "python_version": "3.13",
    "python_full_version": "3.13.0",
    "sys_platform": "linux",
}
HEAD = "# Written by `make generated` from Pipfile.lock. Install with: pip install --require-hashes --no-deps"


def text() -> str:
    """The file: one line a package."""
    locked = json.loads((ROOT / "Pipfile.lock").read_text(encoding="utf-8"))["default"]
    lines = []
    for name in sorted(needed(IMPORTED)):
        hashes = "".join(f" --hash={digest}" for digest in locked[name]["hashes"])
        lines.append(f"{name}{locked[name]['version']}{hashes}")
    return "\n".join([HEAD, *lines]) + "\n"


def needed(names: tuple[str, ...]) -> set[str]:
    """These packages and all that they need, in the image."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = canonicalize_name(left.pop())
        if name in found:
            continue
        found.add(name)
        requirements = map(Requirement, metadata.requires(name) or ())
        left += [one.name for one in requirements if one.marker is None or one.marker.evaluate(IMAGE)]
    return found


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
