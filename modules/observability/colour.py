"""The alarms and event rules of one colour, and the one alarm that says whether it may get traffic."""

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from constructs import Construct

from modules.compute import FargateService
from modules.config import Deployment
from modules.data.credentials import Credentials
from modules.data.database import Database
from modules.foundation.notifications import Notifications
from modules.observability import event_alarms, events
from modules.observability.alarm_set import AlarmSet
from modules.observability.database_alarms import database_alarms
from modules.observability.event_rules import EventRules
from modules.observability.function_alarms import function_alarms
from modules.observability.ledger_alarms import replication_alarms
from modules.observability.secret_alarms import secret_age_alarm
from modules.observability.service_alarms import service_alarms
from modules.observability.task_alarms import task_alarms
from modules.traffic.load_balancer import LoadBalancer
from modules.traffic.service import Service

RULE = (
    "An alarm of the {colour} colour rings: no traffic is to be moved to it until this is over. "
    "The dashboard {dashboard} shows which one; its description says what to do."
)


class ColourMonitoring(Construct):
    """What rings for one colour. Made before the switch, whose gates ask `any_rings`.

    `any_rings` is the composite alarm that rings while any of `alarms` does; `rules` are the event rules.
    `other`: the colour that already has the alarms of the cluster that both share. They ring for each.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        colour: str,
        service: Service,
        fargate: FargateService,
        database: Database,
        credentials: Credentials,
        load_balancer: LoadBalancer,
        notifications: Notifications,
        other: "ColourMonitoring | None" = None,
    ) -> None:
        super().__init__(scope, id_)
        self.service = service
        prefix = f"{deployment.prefix}-{colour}"
        self._events = EventRules(self, "events", prefix=prefix, topic=notifications.topic)
        self.alarms = AlarmSet(
            self,
            colour,
            prefix=prefix,
            actions=[notifications.topic.arn, *deployment.monitoring.action_arns],
            colour=colour,
        )
        rules = self._rules(colour, fargate, None if other else database, credentials)
        balancer = load_balancer.load_balancer
        self.alarms.add(service_alarms(deployment, balancer, service.target_group))
        self.alarms.add(
            [*task_alarms(deployment, fargate), event_alarms.deployment_failed(rules["deployment"])]
        )
        before = len(self.alarms.alarms)
        if other is None:
            of_database = [
                *database_alarms(deployment, colour, database),
                *replication_alarms(deployment, colour, database),
                event_alarms.failed_over(rules["failover"]),
            ]
            self.alarms.add(of_database, shared=deployment.shared)
        self.of_database = [resource for _, resource in self.alarms.alarms[before:]]
        self.alarms.add([event_alarms.rotation_failed(rules["rotation"])])
        self.alarms.watch(other.of_database if other else ())
        self._asks_for_age = credentials.age.rule
        self.alarms.add([secret_age_alarm(credentials.secret, deployment.credentials.rotation_days)])
        self.alarms.add(
            function_alarms(
                credentials.rotation,
                called="rotation",
                fix="The application goes on with its present credentials; call RotateSecret once fixed.",
            )
        )
        self.any_rings: CloudwatchCompositeAlarm = self.alarms.any_rings(
            "any", description=RULE.format(colour=colour, dashboard=deployment.prefix)
        )

    @property
    def rules(self) -> list[CloudwatchEventRule]:
        """All event rules of this colour."""
        return [*self._events.rules, self._asks_for_age]

    def _rules(
        self, colour: str, fargate: FargateService, database: Database | None, credentials: Credentials
    ) -> Mapping[str, CloudwatchEventRule]:
        found = self._of_database(colour, database) if database else {}
        rotation = self._events.add(
            "rotation-failed",
            events.rotation_failed(*credentials.rotated),
            f"A password of the {colour} database could not be rotated",
        )
        deployment = self._events.add(
            "deployment-failed",
            events.deployment_failed(fargate.service),
            f"A deployment of the {colour} service failed",
        )
        self._events.add(
            "service-trouble",
            events.service_trouble(fargate.service),
            f"Tasks of the {colour} service can't be placed, started or kept",
        )
        return {**found, "rotation": rotation, "deployment": deployment}

    def _of_database(self, colour: str, database: Database) -> Mapping[str, CloudwatchEventRule]:
        failover = self._events.add("failover", events.failover(database), f"The {colour} cluster fails over")
        self._events.add(
            "database-trouble",
            events.database_trouble(database),
            f"Instances of the {colour} cluster restart, recover or fail",
        )
        self._events.add(
            "database-changed",
            events.database_changed(database),
            f"Configuration or security of the {colour} cluster was changed",
        )
        return {"failover": failover}
