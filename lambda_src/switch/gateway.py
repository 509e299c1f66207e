"""What the function reads of the platform itself: records and both colours. The listeners: load_balancer.py.
What it writes: effects.py, which the function that only reads doesn't import.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..contract.values import Colour
from .aws import LONGEST_CALL_SECONDS, Caller, Refused
from .load_balancer import LoadBalancer
from .models import TargetGroupHealth
from .records import Records, parse_active, parse_ledger, parse_migration
from .routing import Routing
from .services import Services
from .settings import Settings

MISSING = "missing"


@dataclass(frozen=True)
class AlarmState:
    """A composite alarm: `state` as CloudWatch calls it, and since when."""

    state: str
    since: datetime


class Gateway:
    """One invocation's view of the platform."""

    def __init__(self, settings: Settings, caller: Caller) -> None:
        self.settings = settings
        self._caller = caller
        self._calling = caller.calling
        self._client = caller.client
        self.load_balancer = LoadBalancer(settings, caller)
        self.services = Services(settings, caller)

    def has_time(self, pause: float) -> bool:
        """Whether a read can be repeated after `pause` seconds, and leave the time that a move needs."""
        return self._caller.seconds_left() - pause >= 3 * LONGEST_CALL_SECONDS

    def listeners(self) -> Routing:
        """Both listeners, with all that decides besides their weights."""
        return self.load_balancer.routing()

    def health(self, colour: Colour) -> TargetGroupHealth:
        return self.load_balancer.health(colour)

    def alarm(self, name: str) -> AlarmState | None:
        """The composite alarm of that name; None where there is none."""
        with self._calling("DescribeAlarms", name):
            answer = self._client("cloudwatch").describe_alarms(
                AlarmNames=[name], AlarmTypes=["CompositeAlarm"]
            )
        found = [
            AlarmState(
                alarm["StateValue"], alarm.get("StateTransitionedTimestamp", alarm["StateUpdatedTimestamp"])
            )
            for alarm in answer["CompositeAlarms"]
            if alarm["AlarmName"] == name
        ]
        return found[0] if found else None

    def cluster_status(self, identifier: str) -> str:
        """RDS's word for it, `available` among them; `missing` where there is no such cluster."""
        with self._calling("DescribeDBClusters", identifier, codes=["DBClusterNotFoundFault"]):
            answer = self._client("rds").describe_db_clusters(DBClusterIdentifier=identifier)
        return str(answer["DBClusters"][0]["Status"])

    def instance_status(self, identifier: str) -> str:
        """As `cluster_status`, of an instance."""
        with self._calling("DescribeDBInstances", identifier, codes=["DBInstanceNotFound"]):
            answer = self._client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
        return str(answer["DBInstances"][0]["DBInstanceStatus"])

    def database_statuses(self, cluster: str, instances: Sequence[str]) -> dict[str, str]:
        """Of the cluster and its instances, read at the same time; `missing` where there is none."""

        def status(look: Callable[[str], str], identifier: str) -> str:
            try:
                return look(identifier)
            except Refused:
                return MISSING

        calls = [lambda: status(self.cluster_status, cluster)]
        calls += [lambda name=name: status(self.instance_status, name) for name in instances]  # type: ignore[misc]
        return dict(zip([cluster, *instances], self._caller.together(calls), strict=True))

    def secret(self, arn: str) -> Mapping[str, Any]:
        """DescribeSecret: when it is to be deleted, which versions it has. Never its value."""
        with self._calling("DescribeSecret", arn, codes=["ResourceNotFoundException"]):
            described: Mapping[str, Any] = self._client("secretsmanager").describe_secret(SecretId=arn)
        return described

    def records(self) -> Records:
        names = [self.settings.ssm_param_name, self.settings.status_param_name]
        ledger = [self.settings.ledger_param_name] if self.settings.has_ledger else []
        with self._calling("GetParameters", ", ".join(names)):
            found = self._client("ssm").get_parameters(Names=names + ledger)["Parameters"]
        values = {parameter["Name"]: parameter["Value"] for parameter in found}
        active_text, migration_text = (values.get(name) for name in names)
        active, migration = parse_active(active_text), parse_migration(migration_text)
        read = zip(names, (active_text, migration_text), (active, migration), strict=True)
        problems = tuple(
            f"parameter {name} {'is missing' if text is None else 'holds no usable record'}"
            for name, text, value in read
            if value is None
        )
        record = parse_ledger(values.get(ledger[0])) if ledger else None
        return Records(active, migration, problems, record)
