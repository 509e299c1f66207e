"""The way in and the way out, which both colours share.

Sources: Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer"; ACM user
guide, "Supported CloudWatch metrics"; VPC user guide, "NAT gateway metrics and dimensions"; Network Firewall
developer guide, "AWS Network Firewall metrics in Amazon CloudWatch".
"""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.lb import Lb
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.networkfirewall_firewall import NetworkfirewallFirewall

from modules.observability.alarm import Alarm, Math, Metric, total
from modules.observability.service_alarms import NAMESPACE

DAY = 24 * 3600
CERTIFICATE_DAYS = 30


def entrance_alarms(balancer: Lb, certificate_arn: str, error_percent: float) -> list[Alarm]:
    """The load balancer refuses clients, fails by itself, or is about to have no valid certificate."""
    rejected, errors, requests = (
        Metric(
            namespace=NAMESPACE,
            name=name,
            dimensions={"LoadBalancer": balancer.arn_suffix},
            statistic="Sum",
        )
        for name in ("RejectedConnectionCount", "HTTPCode_ELB_5XX_Count", "RequestCount")
    )
    return [
        Alarm(
            name="rejected-connections",
            measure=rejected,
            threshold=0,
            unit="Count",
            datapoints=3,
            periods=5,
            what="The load balancer is at its limit of connections and refuses clients.",
            fix="See whether this is an attack; ask AWS to raise or pre-warm the load balancer's capacity.",
            section="Entrance",
        ),
        Alarm(
            name="load-balancer-errors",
            # What has no target to go to is no RequestCount: the share is of both together.
            measure=Math(
                expression="100 * FILL(errors, 0) / SUM([FILL(errors, 0), FILL(requests, 0)])",
                label="Share of requests that the load balancer answers with 5xx itself",
                metrics={"errors": errors, "requests": requests},
            ),
            threshold=error_percent,
            unit="Percent",
            datapoints=3,
            periods=5,
            what="The load balancer itself answers with 5xx: it finds no target, or targets don't answer.",
            fix="Look at the healthy hosts of the active colour; roll back if the other colour is well.",
            section="Entrance",
        ),
        Alarm(
            name="certificate-expiry",
            measure=Metric(
                namespace="AWS/CertificateManager",
                name="DaysToExpiry",
                dimensions={"CertificateArn": certificate_arn},
                statistic="Minimum",
                period=DAY,
            ),
            rings="below",
            threshold=CERTIFICATE_DAYS,
            unit="Days",
            missing="breaching",
            what="The listener's certificate expires soon, or has: ACM has not renewed it by itself.",
            fix="Check its validation records (DescribeCertificate, RenewalSummary), or import a new one.",
        ),
    ]


def dropped_alarm(firewall: NetworkfirewallFirewall, zones: Sequence[str]) -> Alarm:
    """Something inside asks for what `[network] egress` does not name."""
    metrics = [
        Metric(
            namespace="AWS/NetworkFirewall",
            name="DroppedPackets",
            dimensions={"FirewallName": firewall.name, "AvailabilityZone": zone, "Engine": "Stateful"},
            statistic="Sum",
        )
        for zone in zones
    ]
    return Alarm(
        name="firewall-drops",
        measure=total("zone", metrics, "Packets that the firewall dropped on their way out"),
        threshold=0,
        unit="Count",
        what="The firewall drops what leaves: no entry of [network] egress names its destination.",
        fix="Find the connection in the firewall's alert log. Name an acquirer that is missing; else treat "
        "the task as broken into.",
    )


def way_out_alarm(gateways: Sequence[NatGateway]) -> Alarm:
    """A NAT gateway has no ports left."""
    metrics = [
        Metric(
            namespace="AWS/NATGateway",
            name="ErrorPortAllocation",
            dimensions={"NatGatewayId": gateway.id},
            statistic="Sum",
        )
        for gateway in gateways
    ]
    return Alarm(
        name="nat-ports",
        measure=total("gateway", metrics, "Connections that a NAT gateway could not open"),
        threshold=0,
        unit="Count",
        datapoints=3,
        periods=5,
        what="A NAT gateway has no source port left: calls to the outside fail.",
        fix="Find the host with many connections to one destination in the flow logs; reuse connections, "
        "or give the gateway a second address.",
    )
