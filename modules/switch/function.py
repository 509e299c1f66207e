"""The switch: the function that moves traffic, and the record of where it stands (R07, R28-R33)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from modules.config import Deployment
from modules.data.credentials import Credentials
from modules.data.database import Database
from modules.foundation.encryption import Encryption
from modules.foundation.notifications import Notifications
from modules.foundation.waivers import waive
from modules.functions.function import Function
from modules.network.endpoints import Endpoints
from modules.network.vpc import Network
from modules.switch.control_table import ControlTable
from modules.switch.permissions import calls, key_use
from modules.switch.shift_names import shift_state_machine_arn
from modules.traffic.listener_rules import declared_rules
from modules.traffic.load_balancer import LoadBalancer


@dataclass(frozen=True, kw_only=True)
class ColourResources:
    """What the switch sends traffic to, and asks first. `alarm`: in ALARM while any of the colour's is."""

    target_group: LbTargetGroup
    database: Database
    credentials: Credentials
    alarm: CloudwatchCompositeAlarm


class Switching(Construct):
    """Function, parameters, and the permissions between them. The live listener is the truth, the parameters
    its record.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        load_balancer: LoadBalancer,
        colours: Mapping[str, ColourResources],
        control: ControlTable,
        notifications: Notifications,
        network: Network,
        endpoints: Endpoints,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        prefix = deployment.prefix
        self.active_environment = self._parameter(
            "active-environment",
            f"/{prefix}/active-environment",
            "The active colour: blue or green",
            "blue",
        )
        self.migration_status = self._parameter(
            "migration-status",
            f"/{prefix}/migration-status",
            "The migration's record, a JSON document",
            json.dumps({"status": "not_started"}),
        )
        listeners = [load_balancer.listener, load_balancer.test_listener]
        self.switch = Function(
            self,
            "switch",
            name=f"{prefix}-switch",
            source="switch",
            description="Moves traffic between blue and green by the weights of the listener",
            environment={
                "LISTENER_ARN": load_balancer.listener.arn,
                "TEST_LISTENER_ARN": load_balancer.test_listener.arn,
                "REDIRECT_LISTENER_ARN": load_balancer.redirect_listener.arn,
                "DECLARED_RULES": declared_rules(load_balancer.rules),
                "SSM_PARAM_NAME": self.active_environment.name,
                "STATUS_PARAM_NAME": self.migration_status.name,
                "CONTROL_TABLE": control.table.name,
                "TOPIC_ARN": notifications.topic_arn,
                # By name: the state machine calls the function, so it can't be a reference.
                "STATE_MACHINE_ARN": shift_state_machine_arn(deployment),
                **_settings(deployment),
                **{
                    name: value
                    for colour, each in colours.items()
                    for name, value in _variables(colour, each)
                },
            },
            calls=[
                *calls(
                    listeners=listeners,
                    parameters=[self.active_environment, self.migration_status],
                    databases=[each.database for each in colours.values()],
                    secrets=[each.credentials.secret for each in colours.values()],
                    topic=notifications.topic,
                    state_machine_arn=shift_state_machine_arn(deployment),
                    region=deployment.region,
                ),
                *control.use(),
            ],
            on_behalf=[key_use(deployment, encryption)],
            memory_mb=deployment.switch.memory_mb,
            timeout_seconds=deployment.switch.timeout_seconds,
            deployment=deployment,
            network=network,
            endpoints=endpoints,
            encryption=encryption,
        )
        waive(
            self.switch.calls,
            "CKV_AWS_355",
            reason="DescribeAlarms returns composite alarms only for a permission on every resource",
            expires="2027-11-30",
        )
        endpoints.reach_gateways(self.switch.security_group, "switch", services=["dynamodb"])

    @property
    def function(self) -> LambdaFunction:
        """The Lambda function itself."""
        return self.switch.function

    def _parameter(self, id_: str, name: str, description: str, initial: str) -> SsmParameter:
        parameter = SsmParameter(
            self,
            id_,
            name=name,
            description=description,
            type="String",
            insecure_value=initial,
            # From creation on the value is the switch function's.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["insecure_value"]),
            tags={"Name": name},
        )
        waive(
            parameter,
            "CKV2_AWS_34",
            reason="Names a colour, no secret; outputs and operators have to read it in plain text",
            expires="2027-11-30",
        )
        return parameter


def _settings(deployment: Deployment) -> dict[str, str]:
    settings = deployment.switch
    return {
        "MIN_HEALTHY_TARGETS": str(settings.min_healthy_targets),
        "MIN_HEALTHY_PERCENT": str(settings.min_healthy_percent),
        "ALARM_GRACE_SECONDS": str(settings.alarm_grace_seconds),
        "VERIFY_SECONDS": str(settings.verify_seconds),
        "HOLD_SECONDS": str(settings.hold_seconds),
        "WINDOWS": ",".join(settings.windows) or "always",
    }


def _variables(colour: str, resources: ColourResources) -> list[tuple[str, str]]:
    """What the function has to know of one colour, `BLUE_TG_ARN` and so on."""
    values = {
        "TG_ARN": resources.target_group.arn,
        "ALARM": resources.alarm.alarm_name,
        "CLUSTER": resources.database.cluster.cluster_identifier,
        "INSTANCES": ",".join(instance.identifier for instance in resources.database.instances),
        "SECRET_ARN": resources.credentials.secret.arn,
    }
    return [(f"{colour.upper()}_{name}", value) for name, value in values.items()]
