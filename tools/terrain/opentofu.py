"""Says whether an executable is an OpenTofu that this project can use.

    python -m tools.terrain.opentofu PATH

Exit code 0: it is; 1: it is not.
"""

import re
import subprocess
import sys

from bluegreen.terraform.runner import MINIMUM_VERSION

_FIX = "TOFU=PATH make tofu, with the path of an OpenTofu executable that is called tofu"


def main(executable: str) -> int:
    """Prints its version, or why it won't do."""
    try:
        said = _version(executable) if executable else "TOFU is not set"
    except (OSError, subprocess.SubprocessError) as error:
        said = f"{executable} can't be run: {error}"
    version = re.match(r"OpenTofu v(\d+)\.(\d+)", said)
    if version and tuple(map(int, version.groups())) >= MINIMUM_VERSION:
        sys.stdout.write(f"{version.group()}\n")
        return 0
    minimum = ".".join(map(str, MINIMUM_VERSION))
    cause = said.partition("\n")[0]
    sys.stderr.write(f"error: no OpenTofu {minimum} or newer\n  cause: {cause}\n  fix: {_FIX}\n")
    return 1


def _version(executable: str) -> str:
    result = subprocess.run([executable, "version"], capture_output=True, text=True, timeout=30, check=True)
    return result.stdout


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
