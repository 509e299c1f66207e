"""One colour's service: where it stands in the network and how the load balancer knows that it is well (R25,
R26).
"""

from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from constructs import Construct

from modules.config import Colour
from modules.network import Network
from modules.security_groups import security_group


class Service(Construct):
    """Target group and security group of one colour: instantiated twice, only data tells the sides apart.

    Targets are registered by address: whatever runs the service brings its own. TLS goes all the way to them;
    the load balancer doesn't verify their certificates (Elastic Load Balancing user guide, "Target groups for
    your Application
    Load Balancers").
    """

    def __init__(
        self, scope: Construct, id_: str, *, prefix: str, colour: str, settings: Colour, network: Network
    ) -> None:
        super().__init__(scope, id_)
        name = f"{prefix}-{colour}"
        self.port = settings.port
        self.security_group = security_group(
            self,
            "security-group",
            name=f"{name}-application",
            description=f"The {colour} service",
            vpc_id=network.vpc_id,
        )
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
            health_check=LbTargetGroupHealthCheck(
                enabled=True,
                path="/health",
                protocol="HTTPS",
                port="traffic-port",
                matcher="200",
                interval=10,
                timeout=5,
                healthy_threshold=3,
                unhealthy_threshold=2,
            ),
            tags={"Name": name, "Colour": colour},
        )
