"""What can go wrong with Terraform, and how its own words are quoted."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class TerraformError(Exception):
    """Terraform could not do what was asked. The message says what, where and how to mend it."""


class TerraformMissingError(TerraformError):
    """There is no usable `terraform` on PATH: none at all, or one older than MINIMUM_VERSION."""


class TerraformFailedError(TerraformError):
    """A Terraform command failed.

    `diagnostics`: Terraform's own errors, one text each with address, place and detail; `done`: how many
    changes the command had made before.
    """

    def __init__(self, command: str, stack: Path, diagnostics: tuple[str, ...], done: int = 0) -> None:
        self.diagnostics = diagnostics
        self.done = done
        super().__init__("\n".join((f"terraform {command} failed in {stack}", *diagnostics)))


def describe(diagnostic: Mapping[str, Any]) -> str:
    """A diagnostic as Terraform words it, without its snippet: that one quotes values."""
    place = diagnostic.get("range")
    where = [diagnostic["address"]] if diagnostic.get("address") else []
    where += [f"{place['filename']}:{place['start']['line']}"] if place else []
    lines = [f"Error: {diagnostic['summary']}"]
    lines += [f"  with {', '.join(where)}"] if where else []
    lines += [f"  {line}".rstrip() for line in diagnostic.get("detail", "").splitlines()]
    return "\n".join(lines)


def plain(text: str) -> str:
    """Terraform's text for people without colours and frame."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = (line.strip().lstrip("╷│╵").strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line) or "it said nothing"
