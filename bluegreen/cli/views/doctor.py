"""The view of what `bluegreen doctor` finds."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text

from bluegreen.cli.views.findings import whole

STYLES = {"failed": "red", "unknown": "yellow", "not needed": "dim"}
COMMANDS = ("aws ", "bluegreen ")
WORDS = {"failed": "FAILED", "unknown": "UNKNOWN"}


def doctor_view(result: Mapping[str, Any]) -> RenderableType:
    """The sentence that decides, each check in a row, then what to do for each that did not pass."""
    checks = result["checks"]
    rows = Rows("Check", "", "~Found", "~Needed")
    for one in checks:
        verdict = one["verdict"]
        cells = (one["check"], WORDS.get(verdict, verdict), one["found"], one["needed"])
        rows.add(*cells, style=STYLES.get(verdict))
    who = f"account {result['account_id']}, {result['region']}, as {result['identity']}"
    return Group(
        Text(headline(result), style="green" if result["ready"] else "red"),
        Text(who, style="dim"),
        rows,
        *(line for one in checks if one["fix"] for line in _fix(one)),
    )


def _fix(check: Mapping[str, Any]) -> tuple[Text, Text]:
    """A command stays in one line, to be copied."""
    fix = str(check["fix"])
    command = fix.startswith(COMMANDS)
    return Text(f"{check['check']}:"), whole(f"  fix: {fix}") if command else Text(f"  fix: {fix}")


def headline(result: Mapping[str, Any]) -> str:
    """Whether an apply would find all that it needs."""
    name, verdicts = result["deployment"], [one["verdict"] for one in result["checks"]]
    failed, unknown = verdicts.count("failed"), verdicts.count("unknown")
    if failed:
        return f"{name}: {failed} of {len(verdicts)} checks failed. Nothing was changed."
    if unknown:
        return f"{name}: {unknown} of {len(verdicts)} checks could not be made. Nothing was changed."
    return f"{name}: the account has all that the deployment needs."
