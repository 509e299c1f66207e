"""`bluegreen --version`: what runs here, and what it works with."""

import platform
import re
from importlib import metadata
from pathlib import Path

import typer
from safe_io import say

from bluegreen import __version__
from bluegreen.cli.project import CODE

LOCK = CODE / "config" / "terraform.lock.hcl"


def show(wanted: bool) -> None:
    """Print it and end, where it is wanted."""
    if wanted:
        provider, python = _provider(LOCK), platform.python_version()
        say(f"bluegreen {__version__}")
        say(f"CDKTF {metadata.version('cdktf')}, AWS provider {provider}, Python {python}")
        say(f"installed in {CODE}")
        raise typer.Exit


def _provider(lock: Path) -> str:
    found = re.search(r'version\s*=\s*"([\d.]+)"', lock.read_text(encoding="utf-8"))
    return found[1] if found else "unknown"
