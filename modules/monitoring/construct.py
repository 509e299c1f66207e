"""Alarms, event rules and dashboard of a deployment, composed."""

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from constructs import Construct

from modules.backup import Backup
from modules.config import Deployment
from modules.credentials import Credentials
from modules.database import Database
from modules.encryption import Encryption
from modules.load_balancer import LoadBalancer
from modules.monitoring import event_alarms, events
from modules.monitoring.alarm import Alarm
from modules.monitoring.alarm_set import AlarmSet
from modules.monitoring.dashboard import dashboard
from modules.monitoring.database_alarms import database_alarms
from modules.monitoring.function_alarms import function_alarms
from modules.monitoring.network_alarms import entrance_alarms, way_out_alarm
from modules.monitoring.secret_alarms import secret_age_alarm
from modules.monitoring.service_alarms import service_alarms
from modules.monitoring.session_alarms import session_alarms
from modules.monitoring.upkeep_alarms import backup_alarms, notification_alarm
from modules.network import Network
from modules.notifications import Notifications
from modules.service import Service
from modules.sessions import Sessions
from modules.switching import Switching

RULE = (
    "An alarm of the {colour} side rings: no traffic is to be moved to it until this is over. "
    "The dashboard {dashboard} shows which one; its description says what to do."
)


@dataclass(frozen=True, kw_only=True)
class Side:
    """What one colour consists of."""

    service: Service
    database: Database
    credentials: Credentials


class Monitoring(Construct):
    """Whoever subscribes to the topic is told by every alarm, when it rings and when it is over.

    `colours` holds one composite alarm a colour: it rings while any alarm of that colour does.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        sides: Mapping[str, Side],
        load_balancer: LoadBalancer,
        switching: Switching,
        sessions: Sessions,
        backup: Backup,
        network: Network,
        encryption: Encryption,
        notifications: Notifications,
    ) -> None:
        super().__init__(scope, id_)
        self._deployment, self._topic = deployment, notifications.topic
        self._balancer = load_balancer.load_balancer
        self._rules: list[CloudwatchEventRule] = []
        self._rule("aws-health", events.aws_health(), "Trouble and changes of AWS that touch this account")
        by_colour = {colour: self._side(colour, side) for colour, side in sides.items()}
        shared = self._alarms("shared")
        shared.add(self._shared_alarms(switching, sessions, backup, network, encryption))
        self.colours = {colour: self._composite(colour, alarms) for colour, alarms in by_colour.items()}
        self.dashboard = dashboard(
            self,
            "dashboard",
            name=self._dashboard_name,
            region=deployment.region,
            colours=by_colour,
            shared=shared,
            load_balancer=self._balancer,
            targets={colour: side.service.target_group for colour, side in sides.items()},
            switch_log=switching.switch.logs,
        )

    @property
    def _dashboard_name(self) -> str:
        return self._deployment.prefix

    def _alarms(self, id_: str, colour: str | None = None) -> AlarmSet:
        prefix = self._deployment.prefix
        return AlarmSet(
            self,
            id_,
            prefix=f"{prefix}-{colour}" if colour else prefix,
            actions=[self._topic.arn, *self._deployment.monitoring.action_arns],
            colour=colour,
        )

    def _side(self, colour: str, side: Side) -> AlarmSet:
        failover = self._rule(
            f"{colour}-failover", events.failover(side.database), f"The {colour} cluster fails over"
        )
        self._rule(
            f"{colour}-database-trouble",
            events.database_trouble(side.database),
            f"Instances of the {colour} cluster restart, recover or fail",
        )
        rotation_failed = self._rule(
            f"{colour}-rotation-failed",
            events.rotation_failed(side.credentials.secret),
            f"The {colour} credentials could not be rotated",
        )
        alarms = self._alarms(colour, colour)
        alarms.add(service_alarms(self._deployment, self._balancer, side.service.target_group))
        alarms.add(database_alarms(self._deployment, colour, side.database))
        alarms.add([event_alarms.failed_over(failover), event_alarms.rotation_failed(rotation_failed)])
        self._rules.append(side.credentials.age.rule)
        alarms.add([secret_age_alarm(side.credentials.secret, self._deployment.credentials.rotation_days)])
        alarms.add(
            function_alarms(
                side.credentials.rotation,
                called="rotation",
                mend="The application goes on with its present credentials; call RotateSecret once mended.",
            )
        )
        return alarms

    def _shared_alarms(
        self,
        switching: Switching,
        sessions: Sessions,
        backup: Backup,
        network: Network,
        encryption: Encryption,
    ) -> list[Alarm]:
        limits, entrance = self._deployment.monitoring, self._deployment.load_balancer
        key = self._rule(
            "key-in-danger",
            events.key_in_danger(encryption),
            "Somebody disables the platform's key or schedules its deletion",
        )
        return [
            *entrance_alarms(self._balancer, entrance.certificate_arn, limits.server_error_percent),
            way_out_alarm(network.nat_gateways),
            *session_alarms(sessions.table),
            *function_alarms(
                switching.switch,
                called="switch",
                mend="`bluegreen status` shows where the traffic is; a failed shift leaves it where it was.",
            ),
            *backup_alarms(backup.vault),
            event_alarms.key_in_danger(key),
            event_alarms.undelivered(self._rules),
            notification_alarm(self._topic),
        ]

    def _rule(self, id_: str, pattern: events.Pattern, description: str) -> CloudwatchEventRule:
        rule = events.event_rule(
            self,
            f"rule-{id_}",
            name=f"{self._deployment.prefix}-{id_}",
            description=description,
            pattern=pattern,
            topic_arn=self._topic.arn,
        )
        self._rules.append(rule)
        return rule

    def _composite(self, colour: str, alarms: AlarmSet) -> CloudwatchCompositeAlarm:
        return alarms.any_rings("any", description=RULE.format(colour=colour, dashboard=self._dashboard_name))
