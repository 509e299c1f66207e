"""The entrance: HTTPS listener with a weighted forward, its test listener, and the redirect of plain HTTP
(R27).
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.lb import Lb, LbAccessLogs
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionForward,
    LbListenerDefaultActionForwardStickiness,
    LbListenerDefaultActionForwardTargetGroup,
    LbListenerDefaultActionRedirect,
)
from constructs import Construct

from modules.config import Deployment
from modules.foundation.log_bucket import AccessLogBucket
from modules.foundation.waivers import waive
from modules.network.security_groups import HTTPS, admit_network, allow, security_group
from modules.network.vpc import INTERNET, Network
from modules.traffic.service import Service

if TYPE_CHECKING:
    from cdktf_cdktf_provider_aws.lb_listener_rule import LbListenerRule

# TLS 1.3, and 1.2 with forward secrecy only, with post-quantum key exchange where the client can.
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
HTTP = 80
# The weights belong to the switch function. The provider has the target groups as a set, whose elements no
# path can name (hashicorp/terraform-provider-aws#43905): so the whole block is ignored, and the switch
# function and the plan guard compare its groups. Every other edit of the action still applies (P5).
WEIGHTS = "default_action[0].forward[0].target_group"
# Elastic Load Balancing wants one even when stickiness is off, and then doesn't show it (its API reference,
# "TargetGroupStickinessConfig").
STICKY_SECONDS = "default_action[0].forward[0].stickiness[0].duration"


class LoadBalancer(Construct):
    """Application Load Balancer in front of both colours. It is created with all traffic on blue.

    From then on the target groups of both listeners' actions belong to the switch function: Terraform ignores
    them.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: Deployment,
        network: Network,
        services: Mapping[str, Service],
    ) -> None:
        super().__init__(scope, id_)
        self._deployment, self._services = deployment, services
        self._security_group = security_group(
            self,
            "security-group",
            name=f"{deployment.prefix}-load-balancer",
            description="The load balancer",
            vpc_id=network.vpc_id,
        )
        self._admit_clients()
        self._admit_testers(network)
        self._reach_services()
        self.load_balancer = self._load_balancer(network)
        self.listener = self._weighted_listener("https", port=HTTPS, weights={"blue": 100, "green": 0})
        self.test_listener = self._weighted_listener(
            "test", port=deployment.load_balancer.test_listener_port, weights={"blue": 0, "green": 100}
        )
        self.redirect_listener = self._redirect()
        # Rules of these listeners. What adds one puts it here: the switch refuses any that it doesn't know.
        self.rules: list[LbListenerRule] = []

    @property
    def listeners(self) -> tuple[LbListener, ...]:
        """All three."""
        return (self.listener, self.test_listener, self.redirect_listener)

    @property
    def dns_name(self) -> str:
        """DNS name of the load balancer (a token)."""
        return self.load_balancer.dns_name

    def _load_balancer(self, network: Network) -> Lb:
        logs = AccessLogBucket(self, "access-logs", deployment=self._deployment)
        return Lb(
            self,
            "load-balancer",
            name=self._deployment.prefix,
            load_balancer_type="application",
            internal=False,
            subnets=network.public.subnet_ids,
            security_groups=[self._security_group.id],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            enable_deletion_protection=True,
            access_logs=LbAccessLogs(bucket=logs.bucket.id, enabled=True),
            tags={"Name": self._deployment.prefix},
            # The load balancer tries to write at once: the bucket's policy has to be there.
            depends_on=[logs.policy],
        )

    def _admit_clients(self) -> None:
        for name, port in (("https", HTTPS), ("http", HTTP)):
            rule = admit_network(
                self,
                f"clients-{name}",
                group=self._security_group,
                cidr=INTERNET,
                port=port,
                description=f"Clients, {name}",
            )
            if port == HTTP:
                waive(
                    rule,
                    "CKV_AWS_260",
                    reason="Port 80 answers with nothing but a redirect to HTTPS",
                    expires="2027-11-30",
                )

    def _admit_testers(self, network: Network) -> None:
        """Configured networks, and what runs in the VPC: it arrives from the NAT gateways' addresses."""
        settings = self._deployment.load_balancer
        sources = {f"testers-{i}": str(cidr) for i, cidr in enumerate(settings.test_listener_cidrs)}
        sources |= {f"inside-{i}": f"{address.public_ip}/32" for i, address in enumerate(network.addresses)}
        for name, cidr in sources.items():
            admit_network(
                self,
                name,
                group=self._security_group,
                cidr=cidr,
                port=settings.test_listener_port,
                description="Testers of the inactive colour",
            )

    def _reach_services(self) -> None:
        for colour, service in self._services.items():
            allow(
                self,
                colour,
                source=self._security_group,
                destination=service.security_group,
                port=service.port,
                description=f"Load balancer to the {colour} service",
            )

    def _weighted_listener(self, id_: str, *, port: int, weights: Mapping[str, int]) -> LbListener:
        name = f"{self._deployment.prefix}-{id_}"
        return LbListener(
            self,
            id_,
            load_balancer_arn=self.load_balancer.arn,
            port=port,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._deployment.load_balancer.certificate_arn,
            default_action=[LbListenerDefaultAction(type="forward", order=1, forward=self._forward(weights))],
            lifecycle=TerraformResourceLifecycle(ignore_changes=[WEIGHTS, STICKY_SECONDS]),
            tags={"Name": name},
        )

    def _forward(self, weights: Mapping[str, int]) -> LbListenerDefaultActionForward:
        return LbListenerDefaultActionForward(
            target_group=[
                LbListenerDefaultActionForwardTargetGroup(
                    arn=service.target_group.arn, weight=weights[colour]
                )
                for colour, service in self._services.items()
            ],
            # Stickiness would override the weights and strand clients on a drained colour.
            stickiness=LbListenerDefaultActionForwardStickiness(enabled=False, duration=1),
        )

    def _redirect(self) -> LbListener:
        return LbListener(
            self,
            "http",
            load_balancer_arn=self.load_balancer.arn,
            port=HTTP,
            protocol="HTTP",
            default_action=[
                LbListenerDefaultAction(
                    type="redirect",
                    order=1,
                    redirect=LbListenerDefaultActionRedirect(
                        port=str(HTTPS), protocol="HTTPS", status_code="HTTP_301"
                    ),
                )
            ],
            tags={"Name": f"{self._deployment.prefix}-http"},
        )
