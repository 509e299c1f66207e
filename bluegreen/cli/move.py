"""What `switch`, `rollback` and `reconcile` have in common: a request that may move traffic, and its end."""

from collections.abc import Callable
from typing import Any

import typer
from rich.console import RenderableType

from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.target import Again, Result, Target, never
from bluegreen.cli.views.traffic import move_view


def move(target: Target, request: dict[str, Any], again: Again = never) -> None:
    """Send `request`, show before and after, and exit as `ending` says. Raises SwitchError."""
    result = target.act(request, f"{request['action']}: waiting for {target.switch}", again)
    ending(target, result, lambda shown: move_view(shown, str(target.switch)))


def ending(target: Target, result: Result, view: Callable[[Any], RenderableType]) -> None:
    """Show the result. Raises Exit where clients may go elsewhere, or where a rollback moved nothing."""
    target.show(result, view)
    if any(finding["reach"] == "production" for finding in result.get("findings", ())):
        raise typer.Exit(ExitCode.INCOMPLETE)
    ledger_moved = (result.get("ledger") or {}).get("pause_ms") is not None
    if result["action"] == "rollback" and not result["changed"] and not ledger_moved:
        raise typer.Exit(ExitCode.UNMOVED)
