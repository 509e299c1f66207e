"""The workflow that drives the switch: a Step Functions state machine, its log, its role, and its net."""

import json

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetDeadLetterConfig,
    CloudwatchEventTargetInputTransformer,
    CloudwatchEventTargetRetryPolicy,
)
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.sfn_state_machine import (
    SfnStateMachine,
    SfnStateMachineEncryptionConfiguration,
    SfnStateMachineLoggingConfiguration,
    SfnStateMachineTracingConfiguration,
)
from cdktf_cdktf_provider_aws.sqs_queue_policy import SqsQueuePolicy
from constructs import Construct

from lambda_src.contract.aliases import Alias
from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy, service_role, tls_only
from modules.foundation.logs import log_group
from modules.functions.function import Function
from modules.switch.function import Switching
from modules.switch.interruptions import INPUT_PATHS, INPUT_TEMPLATE, interruptions
from modules.switch.shift_names import shift_name, shift_state_machine_arn
from modules.switch.workflow_definition import Mover, definition

# How long Step Functions uses a data key before it asks KMS for another.
DATA_KEY_SECONDS = 300
# How long EventBridge tries to reach the function; after that the event is a dead letter.
EVENT_AGE_SECONDS = 3600


class Workflow(Construct):
    """State machine `<prefix>-shift`. It may call the switch's alias `workflow` and the ledger's mover, and
    write its log.

    An execution that ends other than by its own states (StopExecution, a timeout, a fault of Step Functions)
    leaves the traffic in between: an event rule then has the function roll it back.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        switching: Switching,
        mover: Function | None,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self._mover = mover
        self._deployment, self._encryption = deployment, encryption
        self._switch, self._aliases = switching.switch, switching.aliases
        self._name = shift_name(deployment)
        self.role = service_role(
            self, "role", name=self._name, service="states.amazonaws.com", deployment=deployment
        )
        LambdaPermission(
            self,
            "state-machine-only",
            statement_id="StateMachineOnly",
            function_name=self._switch.function.function_name,
            qualifier=self._aliases[Alias.WORKFLOW].name,
            action="lambda:InvokeFunction",
            # Step Functions calls with this role, not as a service (developer guide, "Service integration").
            # By name: so the scan of the JSON sees that it is no service.
            principal=f"arn:aws:iam::{deployment.account_id}:role{deployment.iam.path}{self._name}",
            depends_on=[self.role],
        )
        self.state_machine = self._state_machine()
        self.interrupted = self._rule()
        self._roll_back_on(self.interrupted)

    def _state_machine(self) -> SfnStateMachine:
        # Beneath this prefix, log delivery needs no entry in the account's one resource policy, which is full
        # after some groups.
        logs = log_group(
            self, "logs", name=f"/aws/vendedlogs/states/{self._name}", encryption=self._encryption
        )
        mover = self._mover
        states = definition(
            function_arn=self._aliases[Alias.WORKFLOW].arn,
            function_timeout_seconds=self._switch.timeout_seconds,
            mover=Mover(arn=mover.function.arn, timeout_seconds=mover.timeout_seconds) if mover else None,
        )
        return SfnStateMachine(
            self,
            "state-machine",
            name=self._name,
            type="STANDARD",
            role_arn=self.role.arn,
            definition=json.dumps(states.to_json()),
            # With data: it says at which step and with what. Nothing in it grants anything.
            logging_configuration=SfnStateMachineLoggingConfiguration(
                level="ALL", include_execution_data=True, log_destination=f"{logs.arn}:*"
            ),
            tracing_configuration=SfnStateMachineTracingConfiguration(enabled=True),
            encryption_configuration=SfnStateMachineEncryptionConfiguration(
                type="CUSTOMER_MANAGED_KMS_KEY",
                kms_key_id=self._encryption.key_arn,
                kms_data_key_reuse_period_seconds=DATA_KEY_SECONDS,
            ),
            tags={"Name": self._name},
            # Step Functions tries on creation whether the role may use key and log.
            depends_on=[self._permissions(self.role)],
        )

    def _permissions(self, role: IamRole) -> IamRolePolicy:
        where = f"{self._deployment.region}:{self._deployment.account_id}"
        statements = [
            Statement(
                sid="Switch", actions=["lambda:InvokeFunction"], resources=[self._aliases[Alias.WORKFLOW].arn]
            ),
            *self._move_ledger(),
            Statement(
                sid="Executions",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[self._encryption.key_arn],
                conditions={
                    "StringEquals": {
                        "kms:EncryptionContext:aws:states:stateMachineArn": shift_state_machine_arn(
                            self._deployment
                        )
                    }
                },
            ),
            Statement(
                sid="ExecutionLogs",
                actions=["kms:GenerateDataKey"],
                resources=[self._encryption.key_arn],
                conditions={"StringEquals": {"kms:EncryptionContext:SourceArn": f"arn:aws:logs:{where}:*"}},
            ),
            _without_resource(),
        ]
        return IamRolePolicy(self, "run", name="run", role=role.id, policy=policy(*statements))

    def _move_ledger(self) -> list[Statement]:
        if self._mover is None:
            return []
        arn = self._mover.function.arn
        return [Statement(sid="MoveLedger", actions=["lambda:InvokeFunction"], resources=[arn])]

    def _rule(self) -> CloudwatchEventRule:
        name = f"{self._name}-interrupted"
        return CloudwatchEventRule(
            self,
            "interrupted",
            name=name,
            description="A shift ended other than by its own states: its traffic is to be rolled back",
            # Not a reference: the rule, and the policy of its dead-letter queue, for which the provider waits
            # half a minute, do not wait for the state machine and its functions.
            event_pattern=json.dumps(interruptions(shift_state_machine_arn(self._deployment))),
            tags={"Name": name},
        )

    def _roll_back_on(self, rule: CloudwatchEventRule) -> None:
        alias, dead_letters = self._aliases[Alias.INTERRUPTED], self._switch.dead_letters
        permission = LambdaPermission(
            self,
            "permission",
            function_name=self._switch.function.function_name,
            qualifier=alias.name,
            action="lambda:InvokeFunction",
            principal="events.amazonaws.com",
            # Alone: with a source account EventBridge's calls are refused (its guide, "Troubleshooting").
            source_arn=rule.arn,
        )
        undelivered = SqsQueuePolicy(
            self,
            "dead-letters",
            queue_url=dead_letters.url,
            policy=policy(
                Statement(
                    sid="EventsThatDidNotReachTheFunction",
                    principals={"Service": "events.amazonaws.com"},
                    actions=["sqs:SendMessage"],
                    resources=[dead_letters.arn],
                    conditions={"ArnEquals": {"aws:SourceArn": rule.arn}},
                ),
                tls_only(["sqs:*"], dead_letters.arn),
            ),
        )
        CloudwatchEventTarget(
            self,
            "roll-back",
            rule=rule.name,
            target_id="switch",
            arn=alias.arn,
            input_transformer=CloudwatchEventTargetInputTransformer(
                input_paths=INPUT_PATHS, input_template=INPUT_TEMPLATE
            ),
            retry_policy=CloudwatchEventTargetRetryPolicy(
                maximum_event_age_in_seconds=EVENT_AGE_SECONDS, maximum_retry_attempts=60
            ),
            dead_letter_config=CloudwatchEventTargetDeadLetterConfig(arn=dead_letters.arn),
            depends_on=[permission, undelivered],
        )


def _without_resource() -> Statement:
    """Log delivery and X-Ray have no resource to be limited to.

    Source: Step Functions developer guide, "Using CloudWatch Logs to log execution history" and "Trace state
    machine data"; Service Authorization Reference, CloudWatch Logs and X-Ray.
    """
    return Statement(
        sid="WithoutResource",
        actions=[
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
        resources=["*"],
    )
