"""The only module that talks to AWS. Every failure leaves it as a SwitchError.

A call may take `LONGEST_CALL_SECONDS` with all its retries. None begins unless there is time for it and,
after it, for the one read that an error report needs: the caller gets a typed error, never a function that
Lambda cut off in the middle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .errors import AwsCallError, OutOfTimeError
from .listener import Listener, read_listener, with_weights
from .models import Colour, Target, TargetGroupHealth, Weights
from .records import Migration, Records, parse_active, parse_migration
from .settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_elbv2.client import ElasticLoadBalancingv2Client
    from mypy_boto3_ssm.client import SSMClient

_CONNECT_SECONDS = 1
_READ_SECONDS = 4
_ATTEMPTS = 3
_BACKOFF_SECONDS = 1 + 2  # standard mode waits at most 2**n seconds before retry n
LONGEST_CALL_SECONDS = _ATTEMPTS * (_CONNECT_SECONDS + _READ_SECONDS) + _BACKOFF_SECONDS


@dataclass(frozen=True)
class Clients:
    elbv2: ElasticLoadBalancingv2Client
    ssm: SSMClient


def connect() -> Clients:
    """Clients for the region, credentials and endpoint of the environment. Slow to make: keep them."""
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    return Clients(elbv2=boto3.client("elbv2", config=config), ssm=boto3.client("ssm", config=config))


@dataclass(frozen=True)
class Listeners:
    production: Listener
    test: Listener


class Gateway:
    """One invocation's view of AWS. `seconds_left` tells how long the function may still run."""

    def __init__(self, settings: Settings, clients: Clients, seconds_left: Callable[[], float]) -> None:
        self._settings = settings
        self._elbv2 = clients.elbv2
        self._ssm = clients.ssm
        self._seconds_left = seconds_left
        self._colours = {settings.target_group_arn(colour): colour for colour in Colour}

    @property
    def min_healthy_targets(self) -> int:
        return self._settings.min_healthy_targets

    def listeners(self, *, last_call: bool = False) -> Listeners:
        """Both listeners in one call. `last_call`: for the report of a failure, in the time kept for it."""
        wanted = [self._settings.listener_arn, self._settings.test_listener_arn]
        with self._calling("DescribeListeners", ", ".join(wanted), calls=1 if last_call else 2):
            described = self._elbv2.describe_listeners(ListenerArns=wanted)["Listeners"]
        by_arn = {listener["ListenerArn"]: listener for listener in described}
        production, test = (self._listener(arn, by_arn) for arn in wanted)
        return Listeners(production, test)

    def set_weights(self, listener: Listener, weights: Weights) -> Listener:
        """Write the weights, and nothing else, into the live action. Returns the listener as AWS answers."""
        action: Any = with_weights(listener.action or {}, weights, self._colours)
        with self._calling("ModifyListener", listener.arn):
            answer = self._elbv2.modify_listener(ListenerArn=listener.arn, DefaultActions=[action])
        return self._listener(listener.arn, {item["ListenerArn"]: item for item in answer["Listeners"]})

    def health(self, colour: Colour) -> TargetGroupHealth:
        arn = self._settings.target_group_arn(colour)
        with self._calling("DescribeTargetHealth", arn):
            described = self._elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        return TargetGroupHealth(arn, tuple(_target(item) for item in described))

    def records(self) -> Records:
        names = [self._settings.ssm_param_name, self._settings.status_param_name]
        with self._calling("GetParameters", ", ".join(names)):
            found = self._ssm.get_parameters(Names=names)["Parameters"]
        values = {parameter["Name"]: parameter["Value"] for parameter in found}
        active_text, migration_text = (values.get(name) for name in names)
        active, migration = parse_active(active_text), parse_migration(migration_text)
        read = zip(names, (active_text, migration_text), (active, migration), strict=True)
        problems = tuple(
            f"parameter {name} {'is missing' if text is None else 'holds no usable record'}"
            for name, text, value in read
            if value is None
        )
        return Records(active, migration, problems)

    def record_migration(self, migration: Migration) -> None:
        self._put(self._settings.status_param_name, json.dumps(migration.to_json()))

    def record_active(self, colour: Colour) -> None:
        self._put(self._settings.ssm_param_name, colour.value)

    def _put(self, name: str, value: str) -> None:
        # With its type, so that a parameter which somebody deleted comes back.
        with self._calling("PutParameter", name):
            self._ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def _listener(self, arn: str, described: Mapping[str, Any]) -> Listener:
        role = "production listener" if arn == self._settings.listener_arn else "test listener"
        return read_listener(arn, role, described.get(arn), self._colours)

    @contextmanager
    def _calling(self, operation: str, where: str, *, calls: int = 2) -> Iterator[None]:
        """Around each AWS call; `calls` is how many there must be time for."""
        left, needed = self._seconds_left(), calls * LONGEST_CALL_SECONDS
        if left < needed:
            raise OutOfTimeError(
                what=f"{left:.0f} s are left, {needed} needed to begin {operation}",
                where=where,
                why="a call that Lambda cuts off leaves nobody to say where the traffic stands",
                mend="run the same request again, it goes on from here; give the function 60 s or more",
            )
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise AwsCallError(
                what=f"{operation} failed: {error}",
                where=where,
                why="without this call the request can't be carried to its end",
                mend="if denied, mend the function's role; then run the same request again, which is safe",
            ) from error


def _target(described: Mapping[str, Any]) -> Target:
    health = described["TargetHealth"]
    return Target(
        id=described["Target"]["Id"],
        port=described["Target"]["Port"],
        state=health["State"],
        reason=health.get("Reason", ""),
        description=health.get("Description", ""),
    )
