"""Programs that some tests need and a machine may lack: their tests don't run then, and one line says so."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workspaces import ROOT


def leave_out(
    config: pytest.Config, items: list[pytest.Item], *, below: Path, fixture: str, lack: str, fix: str
) -> None:
    """Of the tests below a folder, leave out those that use `fixture`. In CI they stay, and fail.

    `lack`: what is missing, such as "no Chromium"; `fix`: how to get it.
    """
    if os.environ.get("CI") == "true":
        return
    needing = list(_needing(items, below, fixture))
    if needing:
        folders = sorted({str(item.path.parent.relative_to(ROOT)) for item in needing})
        what = f"{len(needing)} tests of {', '.join(folders)} did not run"
        needing[0].add_marker(pytest.mark.skip(reason=f"{lack} here, so {what}: {fix}"))
        items[:] = [item for item in items if item not in needing[1:]]
        config.hook.pytest_deselected(items=needing[1:])


def _needing(items: list[pytest.Item], below: Path, fixture: str) -> Iterator[pytest.Item]:
    for item in items:
        if below in item.path.parents and fixture in getattr(item, "fixturenames", []):
            yield item
