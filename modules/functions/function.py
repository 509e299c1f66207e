"""A Lambda function as this platform runs them: in the VPC, encrypted, traced, with a dead-letter queue and a
role of its own.
"""

from collections.abc import Mapping, Sequence

from cdktf import AssetType, TerraformAsset
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.lambda_alias import LambdaAlias
from cdktf_cdktf_provider_aws.lambda_function import (
    LambdaFunction,
    LambdaFunctionDeadLetterConfig,
    LambdaFunctionEnvironment,
    LambdaFunctionTracingConfig,
    LambdaFunctionVpcConfig,
)
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement, policy, service_role
from modules.foundation.logs import log_group
from modules.foundation.waivers import waive
from modules.functions import package as function_package
from modules.network.endpoints import Endpoints
from modules.network.security_groups import security_group
from modules.network.vpc import Network

# Supported until June 2029 (AWS Lambda developer guide, "Lambda runtimes").
RUNTIME = "python3.13"


class Function(Construct):
    """The function whose source is `lambda_src/<source>`.

    `calls` are the AWS calls that its code makes, nothing else. The role has two inline policies: `calls`,
    and `runtime`, which holds what Lambda itself does in the function's name: log, trace, attach to the VPC,
    decrypt the environment, fill the dead-letter queue; `on_behalf` adds to the latter. `entry`: the module
    that Lambda calls. `published`: each change becomes a version, to which `alias` leads in the same apply.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        source: str,
        entry: str = "handler",
        description: str,
        environment: Mapping[str, str],
        calls: Sequence[Statement],
        on_behalf: Sequence[Statement] = (),
        memory_mb: int,
        timeout_seconds: int,
        published: bool = False,
        one_at_a_time: bool = False,
        colour: str | None = None,
        deployment: Deployment,
        network: Network,
        endpoints: Endpoints,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        self._name, self._deployment, self._encryption = name, deployment, encryption
        self.timeout_seconds = timeout_seconds
        self.logs = log_group(self, "logs", name=f"/aws/lambda/{name}", encryption=encryption)
        self.dead_letters = self._dead_letter_queue()
        self.role = service_role(
            self, "role", name=name, service="lambda.amazonaws.com", deployment=deployment, colour=colour
        )
        self.calls = IamRolePolicy(self, "calls", name="calls", role=self.role.id, policy=policy(*calls))
        runtime = IamRolePolicy(
            self,
            "runtime",
            name="runtime",
            role=self.role.id,
            policy=policy(*self._runtime(self.logs.arn, self.dead_letters.arn), *on_behalf),
        )
        self.security_group = security_group(
            self,
            "security-group",
            name=name,
            description=f"The function {name}",
            vpc_id=network.vpc_id,
            colour=colour,
        )
        # What has to exist before the function can call AWS.
        self.reach = endpoints.admit(self.security_group, name.removeprefix(f"{deployment.prefix}-"))
        package = function_package.build(source)
        self.function = LambdaFunction(
            self,
            "function",
            function_name=name,
            description=description,
            runtime=RUNTIME,
            architectures=["arm64"],
            handler=f"{source}.{entry}.handler",
            filename=TerraformAsset(self, "package", path=str(package.path), type=AssetType.FILE).path,
            source_code_hash=package.code_sha256,
            role=self.role.arn,
            memory_size=memory_mb,
            timeout=timeout_seconds,
            publish=published or None,
            # Operators are few; a runaway caller must not take the account's concurrency away from others.
            reserved_concurrent_executions=_reserved(deployment, one_at_a_time=one_at_a_time),
            kms_key_arn=encryption.key_arn,
            environment=LambdaFunctionEnvironment(variables=dict(environment)),
            vpc_config=LambdaFunctionVpcConfig(
                subnet_ids=network.application.subnet_ids, security_group_ids=[self.security_group.id]
            ),
            tracing_config=LambdaFunctionTracingConfig(mode="Active"),
            dead_letter_config=LambdaFunctionDeadLetterConfig(target_arn=self.dead_letters.arn),
            tags={"Name": name},
            depends_on=[self.logs, self.calls, runtime],
        )
        if not deployment.functions.reserved_concurrency:
            waive(
                self.function,
                "CKV_AWS_115",
                reason="The configuration reserves no concurrency: the account has none to spare",
                expires="2027-11-30",
            )
        waive(
            self.function,
            "CKV_AWS_272",
            reason="Deterministic package with its hash in the plan; there is no AWS Signer profile yet",
            expires="2027-11-30",
        )

    def alias(self, name: str, description: str) -> LambdaAlias:
        """An alias that leads to the newest version: Terraform moves it when it has published that one."""
        return LambdaAlias(
            self,
            name,
            name=name,
            description=description,
            function_name=self.function.function_name,
            function_version=self.function.version,
        )

    def _dead_letter_queue(self) -> SqsQueue:
        return SqsQueue(
            self,
            "dead-letters",
            name=f"{self._name}-dead-letters",
            kms_master_key_id=self._encryption.key_arn,
            message_retention_seconds=14 * 24 * 3600,
            tags={"Name": f"{self._name}-dead-letters"},
        )

    def _runtime(self, logs_arn: str, dead_letters_arn: str) -> list[Statement]:
        via = {
            "StringEquals": {
                "kms:ViaService": [
                    f"{service}.{self._deployment.region}.amazonaws.com" for service in ("lambda", "sqs")
                ]
            }
        }
        network_interfaces = f"arn:aws:ec2:{self._deployment.region}:{self._deployment.account_id}"
        return [
            Statement(
                sid="Log",
                actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                resources=[f"{logs_arn}:*"],
            ),
            Statement(sid="DeadLetters", actions=["sqs:SendMessage"], resources=[dead_letters_arn]),
            Statement(
                sid="Key",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[self._encryption.key_arn],
                conditions=via,
            ),
            Statement(
                sid="NetworkInterfaces",
                actions=[
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:CreateNetworkInterface",
                    "ec2:DeleteNetworkInterface",
                    "ec2:UnassignPrivateIpAddresses",
                ],
                resources=[
                    f"{network_interfaces}:network-interface/*",
                    f"{network_interfaces}:security-group/*",
                    f"{network_interfaces}:subnet/*",
                ],
            ),
            # These have no resource to be limited to (Service Authorization Reference, EC2 and X-Ray).
            Statement(
                sid="WithoutResource",
                actions=[
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSubnets",
                    "xray:PutTelemetryRecords",
                    "xray:PutTraceSegments",
                ],
                resources=["*"],
            ),
        ]


def _reserved(deployment: Deployment, *, one_at_a_time: bool) -> int | None:
    found = deployment.functions.reserved_concurrency
    return (1 if one_at_a_time else found) if found else None
