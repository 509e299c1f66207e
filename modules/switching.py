"""The switch: the function that moves traffic, and the record of where it stands (R07, R28-R33)."""

import json

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.lambda_function import LambdaFunction
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup
from cdktf_cdktf_provider_aws.ssm_parameter import SsmParameter
from constructs import Construct

from modules.config import Deployment
from modules.encryption import Encryption
from modules.endpoints import Endpoints
from modules.function import Function
from modules.iam import Statement
from modules.load_balancer import LoadBalancer
from modules.network import Network
from modules.waivers import waive


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
        blue: LbTargetGroup,
        green: LbTargetGroup,
        network: Network,
        endpoints: Endpoints,
        encryption: Encryption,
    ) -> None:
        super().__init__(scope, id_)
        prefix, settings = deployment.prefix, deployment.switch
        self.active_environment = self._parameter(
            "active-environment",
            f"/{prefix}/active-environment",
            "The side that serves: blue or green",
            "blue",
        )
        self.migration_status = self._parameter(
            "migration-status",
            f"/{prefix}/migration-status",
            "The migration's record, a JSON document",
            json.dumps({"status": "not_started"}),
        )
        listeners = [load_balancer.listener.arn, load_balancer.test_listener.arn]
        self.switch = Function(
            self,
            "switch",
            name=f"{prefix}-switch",
            source="switch",
            description="Moves traffic between blue and green by the weights of the listener",
            environment={
                "LISTENER_ARN": listeners[0],
                "TEST_LISTENER_ARN": listeners[1],
                "BLUE_TG_ARN": blue.arn,
                "GREEN_TG_ARN": green.arn,
                "SSM_PARAM_NAME": self.active_environment.name,
                "STATUS_PARAM_NAME": self.migration_status.name,
                "MIN_HEALTHY_TARGETS": str(settings.min_healthy_targets),
            },
            calls=self._calls(listeners, deployment.region),
            memory_mb=settings.memory_mb,
            timeout_seconds=settings.timeout_seconds,
            deployment=deployment,
            network=network,
            endpoints=endpoints,
            encryption=encryption,
        )

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

    def _calls(self, listeners: list[str], region: str) -> list[Statement]:
        return [
            # Describe calls of Elastic Load Balancing take no resource (Service Authorization Reference).
            Statement(
                sid="SeeListenersAndTargets",
                actions=[
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeTargetHealth",
                ],
                resources=["*"],
                conditions={"StringEquals": {"aws:RequestedRegion": region}},
            ),
            Statement(
                sid="MoveTraffic", actions=["elasticloadbalancing:ModifyListener"], resources=listeners
            ),
            Statement(
                sid="Record",
                actions=["ssm:GetParameters", "ssm:PutParameter"],
                resources=[self.active_environment.arn, self.migration_status.arn],
            ),
        ]
