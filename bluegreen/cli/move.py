"""What `switch`, `shift` and `rollback` have in common: one request that moves traffic, and its result."""

from typing import Any

from bluegreen.cli.options import Output
from bluegreen.cli.terminal import notice, show, waiting
from bluegreen.cli.views.traffic import move_view
from bluegreen.client import SwitchFunction


def move(target: SwitchFunction, request: dict[str, Any], output: Output) -> None:
    """Send `request` without its empty values and show before and after. Raises SwitchError."""
    given = {key: value for key, value in request.items() if value not in (None, "")}
    try:
        with waiting(f"{request['action']}: waiting for {target}"):
            result = target.invoke(given)
    except KeyboardInterrupt:
        notice("interrupted: the function may go on all the same. Look with `bluegreen status`.")
        raise
    show(result, output, lambda: move_view(result, str(target)))
