"""The alarms and event rules that no colour owns, and the dashboard of all."""

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from constructs import Construct

from modules.config import Deployment
from modules.data.backup import Backup
from modules.data.sessions import Sessions
from modules.foundation.encryption import Encryption
from modules.foundation.notifications import Notifications
from modules.ledger import Ledger
from modules.network.vpc import Network
from modules.observability import event_alarms, events
from modules.observability.alarm import Alarm
from modules.observability.alarm_set import AlarmSet
from modules.observability.change_events import change_rules
from modules.observability.colour import ColourMonitoring
from modules.observability.dashboard import dashboard
from modules.observability.event_rules import EventRules
from modules.observability.firewall_alarms import firewall_alarm
from modules.observability.function_alarms import function_alarms
from modules.observability.ledger_alarms import ledger_alarms
from modules.observability.network_alarms import dropped_alarm, entrance_alarms, way_out_alarm
from modules.observability.table_alarms import control_alarms, session_alarms
from modules.observability.upkeep_alarms import backup_alarms, notification_alarm
from modules.observability.workflow_alarms import workflow_alarms
from modules.switch.control_table import ControlTable
from modules.switch.function import Switching
from modules.switch.workflow import Workflow
from modules.traffic.load_balancer import LoadBalancer
from modules.traffic.web_firewall import WebFirewall


class Monitoring(Construct):
    """Every alarm notifies the topic's subscribers when it rings and when it is over."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        colours: Mapping[str, ColourMonitoring],
        load_balancer: LoadBalancer,
        web_firewall: WebFirewall,
        switching: Switching,
        workflow: Workflow,
        ledger: Ledger | None,
        control: ControlTable,
        sessions: Sessions,
        backup: Backup,
        network: Network,
        encryption: Encryption,
        notifications: Notifications,
    ) -> None:
        super().__init__(scope, id_)
        self._deployment, self._topic = deployment, notifications.topic
        balancer = load_balancer.load_balancer
        shared = AlarmSet(
            self,
            "shared",
            prefix=deployment.prefix,
            actions=[self._topic.arn, *deployment.monitoring.action_arns],
        )
        limits, entrance = deployment.monitoring, deployment.load_balancer
        shared.add(entrance_alarms(balancer, entrance.certificate_arn, limits.server_error_percent))
        shared.add([firewall_alarm(web_firewall, deployment.region, limits.blocked_percent)])
        shared.add([way_out_alarm(network.nat_gateways)])
        if network.firewall:
            shared.add([dropped_alarm(network.firewall.firewall, deployment.availability_zones)])
        shared.add([*session_alarms(sessions.table), *control_alarms(control.table)])
        shared.add(_switch_alarms(switching, workflow))
        shared.add(backup_alarms(backup.vault))
        own = EventRules(self, "events", prefix=deployment.prefix, topic=self._topic)
        change_rules(
            own,
            prefix=deployment.prefix,
            key=encryption,
            listeners=load_balancer.listeners,
            switch=switching.switch.role,
            vault=backup.vault,
        )
        shared.add(ledger_alarms(ledger, _ledger_rotation(own, ledger)))
        shared.add(self._event_alarms(own, colours, workflow, encryption))
        shared.add([notification_alarm(self._topic)])
        self.dashboard = dashboard(
            self,
            "dashboard",
            name=deployment.prefix,
            region=deployment.region,
            colours={colour: each.alarms for colour, each in colours.items()},
            shared=shared,
            load_balancer=balancer,
            targets={colour: each.service.target_group for colour, each in colours.items()},
            switch=switching.switch,
            state_machine=workflow.state_machine,
            has_ledger=ledger is not None,
        )

    def _event_alarms(
        self,
        own: EventRules,
        colours: Mapping[str, ColourMonitoring],
        workflow: Workflow,
        encryption: Encryption,
    ) -> list[Alarm]:
        own.add("aws-health", events.aws_health(), "Trouble and changes of AWS that touch this account")
        own.add("backup-jobs", events.job_failed(), "A backup, copy or restore of this account failed")
        key = own.add(
            "key-in-danger",
            events.key_in_danger(encryption),
            "A principal disables the platform's key or schedules its deletion",
        )
        return [
            event_alarms.key_in_danger(key),
            event_alarms.undelivered([*own.rules, workflow.interrupted]),
            *(event_alarms.undelivered(each.rules, of=colour) for colour, each in colours.items()),
        ]


def _ledger_rotation(own: EventRules, ledger: Ledger | None) -> CloudwatchEventRule | None:
    if ledger is None:
        return None
    secrets = [account.secret for account in ledger.accounts.values()]
    return own.add(
        "ledger-rotation-failed",
        events.rotation_failed(*secrets),
        "An account of the ledger could not be rotated",
    )


def _switch_alarms(switching: Switching, workflow: Workflow) -> list[Alarm]:
    return [
        *function_alarms(
            switching.switch,
            called="switch",
            fix="`bluegreen status` shows where the traffic is; a failed shift leaves it where it was.",
        ),
        *function_alarms(
            switching.read,
            called="switch-read",
            fix="`bluegreen status` does not answer; traffic can be moved all the same.",
        ),
        *workflow_alarms(workflow.state_machine),
    ]
