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
        "targets": ["10.20.16.10", "10.20.16.11"] if changed else [],
        "url": "https://localhost:40001",
        "test_url": "https://localhost:40002",
        "certificates": ".local/local/load-balancer.pem",
        "status": {
            "active": "blue",
            "recorded_active": "blue",
            "colours": {},
            "migration": None,
            "consistent": True,
            "differences": [],
        },
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (True, "local is up: 82 added, 1 changed, 0 removed, 2 targets registered."),
        (False, "local was up already: nothing was changed."),
    ],
)
def test_what_up_did(changed: bool, expected: str) -> None:
    assert headline(up_result(changed=changed)) == expected


def test_up_ends_with_what_it_did_and_what_comes_next() -> None:
    lines = rendered(up_view(up_result(changed=False), "here")).splitlines()
    assert lines[0] == "here"
    assert lines[-4:] == [
        "local was up already: nothing was changed.",
        "Answers at https://localhost:40001, its inactive colour at https://localhost:40002. Try:",
        "  curl --cacert .local/local/load-balancer.pem https://localhost:40001",
        'For other tools of this shell: eval "$(bluegreen local env)"',
    ]


def test_another_deployment_is_named_in_what_comes_next() -> None:
    other = up_result(changed=False) | {"deployment": "rehearsal"}
    assert rendered(up_view(other, "here")).splitlines()[-1].endswith('local env --deployment rehearsal)"')


def test_where_the_embedded_aws_is() -> None:
    running = {
        "deployment": "local",
        "running": True,
        "endpoint": "http://127.0.0.1:4566",
        "pid": 7,
        "resources": 82,
        "listeners": [{"port": 443, "url": "https://localhost:40001"}],
        "services": {
            "blue": {"running": True, "mode": "none", "share": 1.0},
            "green": {"running": True, "mode": "errors", "share": 0.25},
            "teal": {"running": False, "mode": "none", "share": 1.0},
        },
    }
    assert rendered(status_view(running)).splitlines() == [
        "local is up: http://127.0.0.1:4566, process 7, 82 resources.",
        "Listener 443: https://localhost:40001",
        "Service blue: as it should be",
        "Service green: told to fail: errors, 25% of its payments",
        "Service teal: has ended; `bluegreen local up` starts it again",
    ]
    assert rendered(status_view({"deployment": "local", "running": False})) == "local is not up."
