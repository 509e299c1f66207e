"""The platform: composes the constructs and wires them; creates no resource itself."""

from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from modules import backend
from modules.config import Deployment
from modules.encryption import Encryption
from modules.endpoints import Endpoints
from modules.flow_logs import FlowLogs
from modules.load_balancer import LoadBalancer
from modules.network import Network
from modules.outputs import outputs
from modules.service import Service
from modules.switching import Switching


class BlueGreenStack(TerraformStack):
    """One deployment. The stack's name is the deployment's."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(scope, deployment.name)
        self._deployment = deployment
        backend.configure(self, deployment)
        prefix, region, account_id = deployment.prefix, deployment.region, deployment.account_id
        AwsProvider(
            self,
            "aws",
            region=region,
            # A plan for one account can't be applied to another by a wrong profile.
            allowed_account_ids=[account_id],
            default_tags=[AwsProviderDefaultTags(tags=deployment.tags.model_dump())],
        )
        self.encryption = Encryption(self, "encryption", prefix=prefix, region=region, account_id=account_id)
        self.network = Network(
            self,
            "network",
            prefix=prefix,
            cidr=deployment.vpc_cidr,
            availability_zones=deployment.availability_zones,
        )
        FlowLogs(
            self,
            "flow-logs",
            prefix=prefix,
            account_id=account_id,
            vpc_id=self.network.vpc_id,
            encryption=self.encryption,
        )
        self.endpoints = Endpoints(
            self, "endpoints", prefix=prefix, region=region, account_id=account_id, network=self.network
        )
        self.services = {
            colour: Service(
                self, colour, prefix=prefix, colour=colour, settings=settings, network=self.network
            )
            for colour, settings in deployment.colours.items()
        }
        self.load_balancer = LoadBalancer(
            self,
            "load-balancer",
            prefix=prefix,
            account_id=account_id,
            settings=deployment.load_balancer,
            network=self.network,
            services=self.services,
        )
        self.switching = Switching(
            self,
            "switching",
            prefix=prefix,
            region=region,
            account_id=account_id,
            settings=deployment.switch,
            load_balancer=self.load_balancer,
            blue=self.services["blue"].target_group,
            green=self.services["green"].target_group,
            network=self.network,
            endpoints=self.endpoints,
            encryption=self.encryption,
        )
        self._outputs()

    def _outputs(self) -> None:
        switching, balancer = self.switching, self.load_balancer
        outputs(
            self,
            {
                "region": (self._deployment.region, "AWS region"),
                "vpc_id": (self.network.vpc_id, "VPC"),
                "application_subnet_cidrs": (
                    [str(cidr) for cidr in self.network.application.cidrs],
                    "Networks of the application subnets, one a zone",
                ),
                "kms_key_id": (self.encryption.key_id, "The key that encrypts everything at rest"),
                "alb_dns_name": (balancer.dns_name, "The load balancer's DNS name"),
                "listener_arn": (balancer.listener.arn, "The production listener"),
                "test_listener_arn": (balancer.test_listener.arn, "The listener of the inactive side"),
                "switch_lambda_name": (switching.function.function_name, "The function that moves traffic"),
                "switch_lambda_arn": (switching.function.arn, "Its ARN"),
                "active_environment_parameter": (
                    switching.active_environment.name,
                    "SSM parameter that records the active environment",
                ),
                "active_environment": (
                    switching.active_environment.insecure_value,
                    "The active environment, as recorded at the last refresh",
                ),
                "migration_status": (
                    switching.migration_status.insecure_value,
                    "The migration's record, as of the last refresh (JSON)",
                ),
            }
            | {
                f"{colour}_target_group_arn": (service.target_group.arn, f"Target group of {colour}")
                for colour, service in self.services.items()
            },
        )
