"""The gates: whether one colour may be given traffic now. They read, all at the same time; nothing changes.

Every gate fails closed: what can't be read has not passed. A read that fails for a moment (throttled, no
answer) is retried while there is time for it. `targets`: enough of them are healthy, in number and in share.
`alarms`: the colour's composite alarm is OK; without data it is believed for a while only. `database`:
cluster and all instances are in a status in which they serve (database_status.py). `credentials`: the
application's secret has a current version and isn't to be deleted. `frozen` and `window` concern both.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import datetime

from ..contract.errors import AwsCallError, GatesNotPassedError, SwitchError
from ..contract.gates import Gate
from ..contract.values import FULL, Colour, Verdict
from .aws import Refused
from .control import Control
from .database_status import AVAILABLE, CLUSTER_SERVES, INSTANCE_SERVES
from .gateway import Gateway
from .models import TargetGroupHealth

# Between two attempts at a gate whose read failed for a moment.
PAUSES_SECONDS = (0.5, 1, 2, 4)


class Gates:
    """The gates of one moment."""

    def __init__(self, gateway: Gateway, now: datetime) -> None:
        self._gateway, self._now = gateway, now

    def of(self, colour: Colour) -> list[Callable[[], Verdict]]:
        """What has to be looked up about one colour; to be called at the same time."""
        gates = (self.targets, self.alarms, self.database, self.credentials)
        return [lambda gate=gate: self._closed(gate, colour, gate.__name__) for gate in gates]  # type: ignore[misc]

    def here(self, control: Control) -> list[Verdict]:
        """The gates that need no look-up: frozen and window."""
        return [self._not_frozen(control), self._inside_a_window()]

    def targets(self, colour: Colour) -> Verdict:
        return self.judge_targets(colour, self._gateway.health(colour))

    def judge_targets(self, colour: Colour, health: TargetGroupHealth) -> Verdict:
        settings = self._gateway.settings
        share = 100 * health.healthy >= settings.min_healthy_percent * health.total
        return Verdict(
            Gate.TARGETS,
            health.healthy >= settings.min_healthy_targets and share,
            healthy_of(health),
            f"at least {settings.min_healthy_targets} and {settings.min_healthy_percent} %",
            colour,
        )

    def capacity(self, colour: Colour, percent: int) -> Verdict:
        """Whether it has the targets that `percent` of the traffic takes, measured by the other colour's."""
        return self._closed(lambda colour: self._capacity(colour, percent), colour, Gate.CAPACITY)

    def _capacity(self, colour: Colour, percent: int) -> Verdict:
        health, other = self._gateway.health(colour), self._gateway.health(colour.other)
        needed = math.ceil(other.healthy * percent / FULL)
        threshold = f"at least {needed}: {percent} % of the {other.healthy} that {colour.other} has"
        return Verdict(Gate.CAPACITY, health.healthy >= needed, healthy_of(health), threshold, colour)

    def any_target(self, colour: Colour) -> Verdict:
        """All that the emergency exit asks for: one target that answers."""
        health = self._gateway.health(colour)
        return Verdict(Gate.TARGETS, health.healthy > 0, healthy_of(health), "at least 1", colour)

    def alarms(self, colour: Colour) -> Verdict:
        name, grace = self._gateway.settings.of(colour).alarm, self._gateway.settings.alarm_grace_seconds
        alarm = self._gateway.alarm(name)
        threshold = f"OK, or without data for at most {grace} s"
        if alarm is None:
            return Verdict(Gate.ALARMS, False, f"{name} does not exist", threshold, colour)
        since = max(0, round((self._now - alarm.since).total_seconds()))
        believed = alarm.state == "INSUFFICIENT_DATA" and since <= grace
        value = f"{name} is {alarm.state} for {since} s"
        return Verdict(Gate.ALARMS, alarm.state == "OK" or believed, value, threshold, colour)

    def database(self, colour: Colour) -> Verdict:
        own = self._gateway.settings.of(colour)
        found = self._gateway.database_statuses(own.cluster, own.instances)
        serving = {name: CLUSTER_SERVES if name == own.cluster else INSTANCE_SERVES for name in found}
        unusual = [f"{name} is {status}" for name, status in found.items() if status != AVAILABLE]
        all_available = f"{own.cluster} and its {len(own.instances)} instances are available"
        return Verdict(
            Gate.DATABASE,
            all(status in serving[name] for name, status in found.items()),
            "; ".join(unusual) or all_available,
            "cluster and all its instances in a status in which they serve",
            colour,
        )

    def credentials(self, colour: Colour) -> Verdict:
        trouble = self._secret_trouble(self._gateway.settings.of(colour).secret_arn)
        threshold = "a current version, no deletion scheduled"
        value = trouble or "there is a current version"
        return Verdict(Gate.CREDENTIALS, trouble is None, value, threshold, colour)

    def _secret_trouble(self, arn: str) -> str | None:
        try:
            secret = self._gateway.secret(arn)
        except Refused:
            return "the secret does not exist"
        if secret.get("DeletedDate"):
            return "the secret is to be deleted"
        stages = [stage for stages in secret.get("VersionIdsToStages", {}).values() for stage in stages]
        return None if "AWSCURRENT" in stages else "the secret has no current version"

    def _closed(self, gate: Callable[[Colour], Verdict], colour: Colour, name: str) -> Verdict:
        """A gate that can't be read has not passed, and says why."""
        for pause in (*PAUSES_SECONDS, None):
            try:
                return gate(colour)
            except SwitchError as error:
                failure = error
            momentary = isinstance(failure, AwsCallError) and failure.momentary
            if pause is None or not momentary or not self._gateway.has_time(pause):
                break
            time.sleep(pause)
        return Verdict(name, False, f"can't be read: {failure.what}", "to be read", colour)

    def _not_frozen(self, control: Control) -> Verdict:
        frozen = control.frozen
        value = f"frozen since {frozen['at']}: {frozen['reason']}" if frozen else "not frozen"
        return Verdict(Gate.FROZEN, not frozen, value, "not frozen")

    def _inside_a_window(self) -> Verdict:
        windows = self._gateway.settings.windows
        inside = not windows or any(window.contains(self._now) for window in windows)
        allowed = ", ".join(window.text for window in windows)
        value = f"{self._now:%a %H:%M} UTC"
        return Verdict(Gate.WINDOW, inside, value, f"{allowed} (UTC)" if windows else "at any time")


def healthy_of(health: TargetGroupHealth) -> str:
    return f"{health.healthy} of {health.total} healthy"


def require(verdicts: list[Verdict], doing: str) -> None:
    """Raises GatesNotPassedError unless all have passed."""
    failed = [verdict for verdict in verdicts if not verdict.passed]
    if not failed:
        return
    error = GatesNotPassedError(
        what="; ".join(map(str, failed)),
        where=", ".join(sorted({str(verdict.colour or "platform") for verdict in failed})),
        cause=f"{doing} could cost payments: the receiving colour has to be seen to be fit for them",
        fix="; ".join(verdict.fix for verdict in failed if verdict.fix)
        or "fix what the gates name, check with `preflight`, then send the request again",
    )
    error.gates = tuple(verdicts)
    raise error
