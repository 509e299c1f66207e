"""Literal output of `bluegreen local`."""

from typing import Any

import pytest

from bluegreen.cli.views.local import headline, status_view, up_view
from tests.bluegreen.cli.rendering import rendered


def up_result(*, changed: bool) -> dict[str, Any]:
    return {
        "deployment": "local",
        "changed": changed,
        "resources": {"added": 82, "changed": 1, "removed": 0}
        if changed
        else dict.fromkeys(("added", "changed", "removed"), 0),
        "stand_ins": ["10.20.16.10", "10.20.16.11"] if changed else [],
        "status": {
            "active": "blue",
            "recorded_active": "blue",
            "sides": {},
            "migration": None,
            "consistent": True,
            "differences": [],
        },
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (True, "local is up: 82 added, 1 changed, 0 removed, 2 stand-in targets registered."),
        (False, "local was up already: nothing was changed."),
    ],
)
def test_what_up_did(changed: bool, expected: str) -> None:
    assert headline(up_result(changed=changed)) == expected


def test_up_ends_with_what_it_did_and_what_comes_next() -> None:
    lines = rendered(up_view(up_result(changed=False), "here")).splitlines()
    assert lines[0] == "here"
    assert lines[-2:] == [
        "local was up already: nothing was changed.",
        'For other tools of this shell: eval "$(bluegreen local env)"',
    ]


def test_where_the_embedded_aws_is() -> None:
    running = {
        "deployment": "local",
        "running": True,
        "endpoint": "http://127.0.0.1:4566",
        "pid": 7,
        "resources": 82,
    }
    assert rendered(status_view(running)) == "local is up: http://127.0.0.1:4566, process 7, 82 resources."
    assert rendered(status_view({"deployment": "local", "running": False})) == "local is not up."
