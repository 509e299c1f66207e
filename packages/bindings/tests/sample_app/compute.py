"""Role, function, state machine, ECS service and their logs."""

import json

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.data_aws_iam_policy_document import (
    DataAwsIamPolicyDocument,
    DataAwsIamPolicyDocumentStatement,
    DataAwsIamPolicyDocumentStatementPrincipals,
)
from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceNetworkConfiguration,
)
from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinition
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionEnvironment,
    LambdaFunctionTracingConfig,
)
from cdktf_cdktf_provider_aws.sfn_state_machine import (
    SfnStateMachine,
    SfnStateMachineLoggingConfiguration,
)
from constructs import Construct

from packages.bindings.tests.sample_app.network import SampleNetwork


class SampleCompute(Construct):
    """One function, one workflow and one service that run as the same role."""

    def __init__(self, scope: Construct, construct_id: str, *, network: SampleNetwork) -> None:
        super().__init__(scope, construct_id)
        trust = DataAwsIamPolicyDocument(
            self,
            "trust",
            statement=[
                DataAwsIamPolicyDocumentStatement(
                    actions=["sts:AssumeRole"],
                    principals=[
                        DataAwsIamPolicyDocumentStatementPrincipals(
                            type="Service", identifiers=["lambda.amazonaws.com"]
                        )
                    ],
                )
            ],
        )
        role = IamRole(self, "role", name="sample", assume_role_policy=trust.json)
        logs = CloudwatchLogGroup(self, "logs", name="/sample", retention_in_days=400)
        self.function = LambdaFunction(
            self,
            "function",
            function_name="sample",
            role=role.arn,
            runtime="python3.13",
            handler="handler.handle",
            filename="sample.zip",
            memory_size=256,
            environment=LambdaFunctionEnvironment(variables={"LOG_GROUP": logs.name}),
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
        )
        definition = {
            "StartAt": "Go",
            "States": {"Go": {"Type": "Task", "Resource": self.function.arn, "End": True}},
        }
        SfnStateMachine(
            self,
            "workflow",
            name="sample",
            role_arn=role.arn,
            definition=json.dumps(definition),
            logging_configuration=SfnStateMachineLoggingConfiguration(
                level="ERROR", log_destination=f"{logs.arn}:*"
            ),
        )
        self._service(network, role)

    def _service(self, network: SampleNetwork, role: IamRole) -> None:
        task = EcsTaskDefinition(
            self,
            "task",
            family="sample",
            cpu="256",
            memory="512",
            task_role_arn=role.arn,
            container_definitions=json.dumps([{"name": "app", "image": "sample:1", "essential": True}]),
        )
        EcsService(
            self,
            "service",
            name="sample",
            cluster=EcsCluster(self, "cluster", name="sample").id,
            task_definition=task.arn,
            desired_count=3,
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=[subnet.id for subnet in network.subnets],
                security_groups=[network.security_group.id],
            ),
        )
