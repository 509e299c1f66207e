"""The gates by name, and what docs/errors.md says of each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Gate(StrEnum):
    TARGETS = "targets"
    CAPACITY = "capacity"
    ALARMS = "alarms"
    DATABASE = "database"
    CREDENTIALS = "credentials"
    LISTENER = "listener"
    RECORDS = "records"
    FROZEN = "frozen"
    WINDOW = "window"
    LOCK = "lock"
    SERVING = "serving"
    IMAGE = "image"


# Those of a preflight alone: they refuse no move, so no metric counts them.
PREFLIGHT = frozenset({Gate.CAPACITY, Gate.RECORDS, Gate.LOCK})

# Gate → (it does not pass when, what to do)
ROWS: Mapping[Gate, tuple[str, str]] = {
    Gate.TARGETS: (
        "fewer targets are healthy than `min_healthy_targets` or `min_healthy_percent`",
        "the colour's tasks: alarm `missing-tasks`, its logs, the reason of the target's health",
    ),
    Gate.CAPACITY: (
        "`preflight` only: the colour has fewer healthy targets than its share of the traffic takes",
        "raise its `min_tasks`, wait until it has scaled",
    ),
    Gate.ALARMS: (
        "the colour's composite alarm is in ALARM, or was without data for too long",
        "[alarms.md](alarms.md) says of each alarm what to do",
    ),
    Gate.DATABASE: (
        "the cluster or an instance is in a status in which it does not serve "
        "(`lambda_src/switch/database_status.py`). Backups, modifications and password resets pass",
        "wait for a failover or an upgrade to end; else the RDS console",
    ),
    Gate.CREDENTIALS: (
        "the secret has no current version, or is to be deleted",
        "rotate it, or cancel its deletion: [runbook](runbook.md#rotation)",
    ),
    Gate.LISTENER: (
        "something besides the weights decides where clients go, or that is unreadable",
        "the command that `bluegreen status` and `preflight` print; "
        "[runbook](runbook.md#something-overrides-the-weights)",
    ),
    Gate.RECORDS: (
        "`preflight` only: no record says which colour is active",
        "`bluegreen switch` all traffic to one colour",
    ),
    Gate.FROZEN: ("an operator froze the traffic", "ask the operator who is named; `bluegreen unfreeze`"),
    Gate.WINDOW: (
        "it is outside of `[switch] windows`",
        "wait; a rollback is possible at any time",
    ),
    Gate.SERVING: (
        "`deploy` only: the colour gets traffic, or its ECS service is unreadable or replaces tasks already",
        "deploy to the other colour, or shift the traffic away first",
    ),
    Gate.IMAGE: (
        "`deploy` only: the image is not in the repository",
        "push it, or correct the digest",
    ),
    Gate.LOCK: (
        "`preflight` only: a request or a shift holds the lock",
        "wait until the time that it names, or follow that shift",
    ),
}
