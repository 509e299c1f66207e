"""One colour's service: its place in the network, and how the load balancer knows it is well (R25, R26)."""

from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from constructs import Construct

from modules.config import Deployment
from modules.foundation.iam import service_role
from modules.network.security_groups import reach_outside, security_group
from modules.network.vpc import Network

ROUND_ROBIN, WEIGHTED_RANDOM = "round_robin", "weighted_random"


class Service(Construct):
    """Target group, security group and roles of one colour: only data tells the two instances apart.

    Targets are registered by address: what runs the service (`modules/fargate/`) registers its tasks. TLS
    goes all the way to them; the load balancer doesn't verify their certificates (Elastic Load Balancing user
    guide, "Target groups for your Application Load Balancers").
    """

    def __init__(
        self, scope: Construct, id_: str, *, deployment: Deployment, colour: str, network: Network
    ) -> None:
        super().__init__(scope, id_)
        settings = deployment.colours[colour]
        name = f"{deployment.prefix}-{colour}"
        self.role = service_role(
            self,
            "role",
            name=f"{name}-application",
            service="ecs-tasks.amazonaws.com",
            deployment=deployment,
            colour=colour,
        )
        # Who starts the tasks: it pulls the image, injects the secrets and opens the log.
        self.execution_role = service_role(
            self,
            "execution-role",
            name=f"{name}-execution",
            service="ecs-tasks.amazonaws.com",
            deployment=deployment,
            colour=colour,
        )
        self.port = settings.port
        self.security_group = security_group(
            self,
            "security-group",
            name=f"{name}-application",
            description=f"The {colour} service",
            vpc_id=network.vpc_id,
            colour=colour,
        )
        for index, egress in enumerate(deployment.network.egress):
            if egress.colour in (colour, "both"):
                reach_outside(self, f"egress-{index}", source=self.security_group, egress=egress)
        self.target_group = LbTargetGroup(
            self,
            "targets",
            name=name,
            vpc_id=network.vpc_id,
            target_type="ip",
            protocol="HTTPS",
            protocol_version="HTTP1",
            port=settings.port,
            deregistration_delay=str(settings.deregistration_delay_seconds),
            slow_start=settings.slow_start_seconds or None,
            load_balancing_algorithm_type=settings.balancing if settings.balancing != ROUND_ROBIN else None,
            load_balancing_anomaly_mitigation="on" if settings.balancing == WEIGHTED_RANDOM else None,
            health_check=LbTargetGroupHealthCheck(
                enabled=True,
                path=settings.health_path,
                protocol="HTTPS",
                port="traffic-port",
                matcher=settings.health_matcher,
                interval=10,
                timeout=5,
                healthy_threshold=3,
                unhealthy_threshold=2,
            ),
            tags={"Name": name, "Colour": colour},
        )
