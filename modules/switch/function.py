"""The switch: the function that moves traffic, and the record of where it stands (R07, R28-R33)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.cloudwatch_composite_alarm import CloudwatchCompositeAlarm
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from lambda_src.contract.aliases import READ_SUFFIX, Alias
from lambda_src.contract.ledger import NO_LEDGER
from modules.compute import FargateService
from modules.config import Deployment
from modules.data.credentials import Credentials
from modules.data.database import Database
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy, tls_only
from modules.foundation.notifications import Notifications
from modules.foundation.waivers import waive
from modules.functions.function import Function
from modules.network.endpoints import Endpoints
from modules.network.vpc import Network
from modules.switch.control_table import ControlTable
from modules.switch.permissions import Looked, calls, control_key, deploys, key_use, reads
from modules.switch.shift_names import shift_state_machine_arn
from modules.traffic.listener_rules import declared_rules
from modules.traffic.load_balancer import LoadBalancer
from modules.traffic.service import Service

ALIASES = {
    Alias.OPERATE: "Operators and pipelines: moves, freezes, approvals",
    Alias.DEPLOY: "Pipelines and operators: new versions of the colour that serves no traffic",
    Alias.WORKFLOW: "The steps of a shift, for its state machine only",
    Alias.INTERRUPTED: "Rolls back a shift whose execution ended other than by its own states",
}


@dataclass(frozen=True, kw_only=True)
class ColourResources:
    """What the switch sends traffic to, and asks first; and what it deploys to. `alarm`: in ALARM while any
    of the colour's is. `repository_arn`: of the images of the application.
    """

    target_group: LbTargetGroup
    database: Database
    credentials: Credentials
    fargate: FargateService
    service: Service
    repository_arn: str
    alarm: CloudwatchCompositeAlarm


@dataclass(frozen=True, kw_only=True)
class _Settings:
    """What both functions have in common."""

    environment: Mapping[str, str]
    deployment: Deployment
    network: Network
    endpoints: Endpoints
    encryption: Encryption

    def function(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        entry: str,
        description: str,
        calls: Sequence[Statement],
        on_behalf: Sequence[Statement],
        published: bool,
    ) -> Function:
        """A function of the sources of the switch, beginning at the module `entry`."""
        made = Function(
            scope,
            id_,
            name=name,
            source="switch",
            entry=entry,
            description=description,
            environment=self.environment,
            calls=calls,
            on_behalf=on_behalf,
            memory_mb=self.deployment.switch.memory_mb,
            timeout_seconds=self.deployment.switch.timeout_seconds,
            published=published,
            deployment=self.deployment,
            network=self.network,
            endpoints=self.endpoints,
            encryption=self.encryption,
        )
        waive(
            made.calls,
            "CKV_AWS_355",
            reason="DescribeAlarms returns composite alarms only for a permission on every resource",
            expires="2027-11-30",
        )
        if published and self.deployment.iam.permissions_boundary:
            waive(
                made.role,
                "CKV2_BG_414",
                reason="`bluegreen bootstrap --roles` makes the boundary, `--check` compares it",
                expires="2027-11-30",
            )
        self.endpoints.reach_gateways(
            made.security_group, name.removeprefix(f"{self.deployment.prefix}-"), services=["dynamodb"]
        )
        return made


class Switching(Construct):
    """Two functions, parameters, and the permissions between them. The live listener is the truth, the
    parameters its record.

    `switch` moves traffic and is invoked by its aliases only: each admits its own callers and actions
    (lambda_src/contract/aliases.py). `read` answers what only reads, with a role that may not do more.
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
        self.ledger_writer = (
            self._parameter(
                "ledger-writer",
                f"/{prefix}/ledger-writer",
                "Where the ledger is, a JSON document; no writer: a move is in progress, or none is recorded",
                json.dumps({"writer": None}),
            )
            if deployment.ledger.replicate
            else None
        )
        records = [self.active_environment, self.migration_status, self.ledger_writer]
        looked = Looked(
            parameters=[parameter for parameter in records if parameter is not None],
            databases=[each.database for each in colours.values()],
            secrets=[each.credentials.secret for each in colours.values()],
            images=[each.fargate.image for each in colours.values()],
            services=[each.fargate.service for each in colours.values()],
            topic=notifications.topic,
            region=deployment.region,
        )
        settings = _Settings(
            environment=self._environment(deployment, load_balancer, colours, control, notifications),
            deployment=deployment,
            network=network,
            endpoints=endpoints,
            encryption=encryption,
        )
        self.switch = settings.function(
            self,
            "switch",
            name=f"{prefix}-switch",
            entry="handler",
            description="Moves traffic between blue and green by the weights of the listener",
            calls=[
                *calls(
                    looked,
                    listeners=[load_balancer.listener, load_balancer.test_listener],
                    state_machine_arn=shift_state_machine_arn(deployment),
                ),
                *deploys(
                    looked,
                    roles=[
                        role
                        for each in colours.values()
                        for role in (each.service.role, each.service.execution_role)
                    ],
                    repository_arns=[each.repository_arn for each in colours.values()],
                    deployment=deployment,
                ),
                *control.use(),
            ],
            on_behalf=[key_use(deployment, encryption)],
            published=True,
        )
        self.read = settings.function(
            self,
            "read",
            name=f"{prefix}-switch{READ_SUFFIX}",
            entry="reading",
            description="Reads what the switch would decide by: status, preflight, history",
            calls=[*reads(looked), *control.look()],
            on_behalf=[control_key(deployment, encryption)],
            published=False,
        )
        SqsQueuePolicy(
            self,
            "read-dead-letters",
            queue_url=self.read.dead_letters.url,
            policy=policy(tls_only(["sqs:*"], self.read.dead_letters.arn)),
        )
        self.aliases = {alias: self.switch.alias(alias, text) for alias, text in ALIASES.items()}
        # The account's root alone allows nothing: each identity needs a policy that names the alias.
        for called, alias in (("operators", Alias.OPERATE), ("deployers", Alias.DEPLOY)):
            LambdaPermission(
                self,
                called,
                statement_id=f"{called.title()}OfThisAccount",
                function_name=self.function.function_name,
                qualifier=self.aliases[alias].name,
                action="lambda:InvokeFunction",
                principal=f"arn:aws:iam::{deployment.account_id}:root",
            )

    @property
    def function(self) -> LambdaFunction:
        """The Lambda function itself."""
        return self.switch.function

    def _environment(
        self,
        deployment: Deployment,
        load_balancer: LoadBalancer,
        colours: Mapping[str, ColourResources],
        control: ControlTable,
        notifications: Notifications,
    ) -> dict[str, str]:
        return {
            "LISTENER_ARN": load_balancer.listener.arn,
            "TEST_LISTENER_ARN": load_balancer.test_listener.arn,
            "REDIRECT_LISTENER_ARN": load_balancer.redirect_listener.arn,
            "DECLARED_RULES": declared_rules(load_balancer.rules),
            "SSM_PARAM_NAME": self.active_environment.name,
            "STATUS_PARAM_NAME": self.migration_status.name,
            "LEDGER_PARAM_NAME": self.ledger_writer.name if self.ledger_writer else NO_LEDGER,
            "CONTROL_TABLE": control.table.name,
            "TOPIC_ARN": notifications.topic_arn,
            # By name: the state machine calls the function, so it can't be a reference.
            "STATE_MACHINE_ARN": shift_state_machine_arn(deployment),
            **_settings(deployment),
            **{name: value for colour, each in colours.items() for name, value in _variables(colour, each)},
        }

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
        # Its ARN (Terraform's AWS provider, aws_ecs_service), which names the cluster, too.
        "SERVICE_ARN": resources.fargate.service.id,
        "IMAGE_PARAM": resources.fargate.image.name,
        "REPOSITORY": resources.fargate.repository,
    }
    return [(f"{colour.upper()}_{name}", value) for name, value in values.items()]
