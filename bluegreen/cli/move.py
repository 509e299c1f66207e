"""What `switch` and `rollback` have in common: one request that moves traffic, and its result."""

from typing import Any

from bluegreen.cli.target import Target
from bluegreen.cli.views.traffic import move_view


def move(target: Target, request: dict[str, Any]) -> None:
    """Send `request` and show before and after. Raises SwitchError."""
    result = target.act(request, f"{request['action']}: waiting for {target.switch}")
    target.show(result, lambda shown: move_view(shown, str(target.switch)))
