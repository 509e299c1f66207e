"""Views of what `bluegreen bootstrap` finds and makes."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text


def bootstrap_view(result: Mapping[str, Any]) -> RenderableType:
    """Where the state is kept, each setting with its mark, and what was or has to be done."""
    head = f"State of {result['deployment']}: s3://{result['bucket']}/{result['key']}"
    who = f"account {result['account_id']}, as {result['identity']}"
    rows = Rows("", "", "~", frame=False)
    for setting in result["settings"]:
        mark, style = _mark(setting, result["changed"])
        rows.add(Text(mark, style=style), setting["name"], setting["wanted"])
    return Group(Text(head, style="bold"), Text(who, style="dim"), rows, Text(headline(result), style="bold"))


def headline(result: Mapping[str, Any]) -> str:
    """How it stands, in one sentence."""
    if result["changed"]:
        return f"{result['deployment']}: made or put right: {', '.join(result['changed'])}."
    missing = [setting["name"] for setting in result["settings"] if not setting["ok"]]
    if missing:
        return f"{result['deployment']}: to be made or put right: {', '.join(missing)}."
    return f"{result['deployment']}: all is as it should be."


def _mark(setting: Mapping[str, Any], changed: list[str]) -> tuple[str, str]:
    if setting["ok"]:
        return "as it should be", "dim"
    return ("done", "green") if setting["name"] in changed else ("to do", "yellow")
