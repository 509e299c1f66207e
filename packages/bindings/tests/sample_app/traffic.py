"""Load balancer with a weighted forward, and the web ACL before it (the largest of the provider's types)."""

from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.lb_listener import (
    LbListener,
    LbListenerDefaultAction,
    LbListenerDefaultActionForward,
    LbListenerDefaultActionForwardTargetGroup,
)
from cdktf_cdktf_provider_aws.lb_target_group import LbTargetGroup, LbTargetGroupHealthCheck
from cdktf_cdktf_provider_aws.wafv2_web_acl import (
    Wafv2WebAcl,
    Wafv2WebAclDefaultAction,
    Wafv2WebAclDefaultActionAllow,
    Wafv2WebAclVisibilityConfig,
)
from constructs import Construct

from packages.bindings.tests.sample_app.network import SampleNetwork

WEIGHTS = {"blue": 100, "green": 0}


class SampleTraffic(Construct):
    """Listener that forwards 100/0 to blue and green."""

    def __init__(self, scope: Construct, construct_id: str, *, network: SampleNetwork) -> None:
        super().__init__(scope, construct_id)
        self.balancer = Lb(
            self,
            "lb",
            load_balancer_type="application",
            subnets=[subnet.id for subnet in network.subnets],
            security_groups=[network.security_group.id],
        )
        forwards = [self._target(colour, weight, network) for colour, weight in WEIGHTS.items()]
        listener = LbListener(
            self,
            "https",
            load_balancer_arn=self.balancer.arn,
            port=443,
            protocol="HTTPS",
            ssl_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            default_action=[
                LbListenerDefaultAction(
                    type="forward", forward=LbListenerDefaultActionForward(target_group=forwards)
                )
            ],
        )
        listener.add_override("lifecycle.ignore_changes", ["default_action[0].forward[0].target_group"])
        Wafv2WebAcl(
            self,
            "acl",
            name="sample",
            scope="REGIONAL",
            default_action=Wafv2WebAclDefaultAction(allow=Wafv2WebAclDefaultActionAllow()),
            visibility_config=Wafv2WebAclVisibilityConfig(
                cloudwatch_metrics_enabled=True, metric_name="sample", sampled_requests_enabled=False
            ),
        )

    def _target(
        self, colour: str, weight: int, network: SampleNetwork
    ) -> LbListenerDefaultActionForwardTargetGroup:
        group = LbTargetGroup(
            self,
            colour,
            name=f"sample-{colour}",
            port=8443,
            protocol="HTTPS",
            vpc_id=network.vpc.id,
            health_check=LbTargetGroupHealthCheck(path="/health", matcher="200"),
        )
        return LbListenerDefaultActionForwardTargetGroup(arn=group.arn, weight=weight)
