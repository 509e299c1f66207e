"""An embedded AWS whose load balancer runs, and what a test needs of it."""

import json
import ssl
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import embedded_aws
import pytest
from botocore.config import Config

from packages.embedded_aws.tests.load_balancer.origin import Origin
from tests.default_session import led_to

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-00000000000b"
PATIENCE_SECONDS = 30
Action = dict[str, Any]


@pytest.fixture(scope="session")
def balanced(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_aws.LocalAws]:
    """An embedded AWS of its own: target health elsewhere is what tests set it to."""
    with embedded_aws.running(tmp_path_factory.mktemp("balanced")) as aws:
        embedded_aws.seed_certificate(aws, CERTIFICATE, "payments.test")
        embedded_aws.start_load_balancer(aws)
        yield aws


@dataclass
class Stage:
    """A load balancer of the test's own in the embedded AWS; removed afterwards."""

    aws: embedded_aws.LocalAws
    elbv2: Any
    arn: str
    vpc: str
    exits: ExitStack
    _ports: Iterator[int] = field(default_factory=lambda: iter(range(8000, 9000)))

    def origin(self, name: str, host: str, *, tls: bool = False) -> Origin:
        """A running target."""
        return self.exits.enter_context(Origin(name, host, tls=tls))

    def group(self, *origins: Origin, protocol: str = "HTTP", **settings: Any) -> str:
        """A target group of those targets; returns its ARN."""
        wanted = {
            "HealthCheckPath": "/health",
            "HealthCheckIntervalSeconds": 2,
            "HealthCheckTimeoutSeconds": 1,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
        } | settings
        created = self.elbv2.create_target_group(
            Name=uuid.uuid4().hex, Protocol=protocol, Port=80, VpcId=self.vpc, TargetType="ip", **wanted
        )
        arn: str = created["TargetGroups"][0]["TargetGroupArn"]
        self.exits.callback(self.elbv2.delete_target_group, TargetGroupArn=arn)
        if origins:
            targets = [origin.target for origin in origins]
            self.elbv2.register_targets(TargetGroupArn=arn, Targets=targets)
        return arn

    def listener(self, action: Action, protocol: str = "HTTP") -> tuple[str, str]:
        """A listener with that default action: its ARN and its URL."""
        secure = {"Certificates": [{"CertificateArn": CERTIFICATE}]} if protocol == "HTTPS" else {}
        created = self.elbv2.create_listener(
            LoadBalancerArn=self.arn,
            Port=next(self._ports),
            Protocol=protocol,
            DefaultActions=[action],
            **secure,
        )
        arn: str = created["Listeners"][0]["ListenerArn"]
        self.exits.callback(self.elbv2.delete_listener, ListenerArn=arn)
        return arn, self.url(arn)

    def url(self, listener: str) -> str:
        """Where a listener is, once everything that is configured is in force."""
        (found,) = [item for item in embedded_aws.local_traffic(self.aws).listeners if item.arn == listener]
        return found.url

    def port(self, listener: str) -> int:
        """The port that a listener has in AWS."""
        (found,) = self.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"]
        return int(found["Port"])

    def settle(self) -> None:
        """Wait until everything that is configured is in force."""
        embedded_aws.local_traffic(self.aws)

    def serving(self, *origins: Origin, **settings: Any) -> tuple[str, str]:
        """A target group of those targets, all healthy, behind a listener: its ARN, the listener's URL."""
        group = self.group(*origins, **settings)
        _, url = self.listener(forward({group: 1}))
        self.await_health(group, {origin.host: "healthy" for origin in origins})
        return group, url

    def health(self, group: str) -> dict[str, tuple[str, str | None, str | None]]:
        """State, reason and description of every target."""
        described = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        told = {entry["Target"]["Id"]: entry["TargetHealth"] for entry in described}
        return {
            name: (health["State"], health.get("Reason"), health.get("Description"))
            for name, health in told.items()
        }

    def await_health(self, group: str, states: Mapping[str, str]) -> None:
        """Wait until the targets are in these states."""
        found: dict[str, str] = {}

        def reached() -> bool:
            found.clear()
            found.update({name: told[0] for name, told in self.health(group).items()})
            return found == states

        eventually(reached, lambda: f"{found} instead of {states}")

    def trust(self) -> ssl.SSLContext:
        """A context that trusts the listeners' certificates, and nothing else."""
        return ssl.create_default_context(cafile=str(embedded_aws.local_traffic(self.aws).certificates))


@pytest.fixture
def stage(balanced: embedded_aws.LocalAws) -> Iterator[Stage]:
    """Whatever it makes is gone afterwards."""
    ec2, elbv2 = balanced.client("ec2"), _unvalidated_client(balanced)
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    created = elbv2.create_load_balancer(Name=uuid.uuid4().hex[:12], Subnets=subnets)
    arn = created["LoadBalancers"][0]["LoadBalancerArn"]
    with ExitStack() as exits:
        exits.callback(elbv2.delete_load_balancer, LoadBalancerArn=arn)
        yield Stage(balanced, elbv2, arn, vpc, exits)


def _unvalidated_client(aws: embedded_aws.LocalAws) -> Any:
    """One that sends intervals of less than five seconds, which AWS refuses: tests wait for them."""
    with pytest.MonkeyPatch.context() as patch:
        led_to(aws, patch)
        return boto3.client("elbv2", config=Config(parameter_validation=False))


def forward(weights: Mapping[str, int]) -> Action:
    """A weighted forward."""
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def fixed(text: str, status: str = "200") -> Action:
    """A fixed response."""
    config = {"StatusCode": status, "MessageBody": text, "ContentType": "text/plain"}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


def connection(url: str, context: ssl.SSLContext | None = None) -> HTTPConnection:
    """A connection to a listener."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        return HTTPSConnection(host, port, timeout=PATIENCE_SECONDS, context=context)
    return HTTPConnection(host, port, timeout=PATIENCE_SECONDS)


def ask(
    url: str, path: str = "/", method: str = "GET", body: Any = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """One request over a connection of its own: the response and its body. `x_y` is the header `x-y`."""
    link = connection(url)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        link.request(method, path, body, named)
        answer = link.getresponse()
        return answer, answer.read()
    finally:
        link.close()


def own_host(url: str, name: str) -> str:
    """Another name of a listener on this machine: a host that it serves."""
    return f"{name}.localhost:{urlsplit(url).port}"


def told(url: str, path: str = "/", **headers: str) -> dict[str, Any]:
    """What a target tells of the request that it got."""
    document: dict[str, Any] = json.loads(ask(url, path, **headers)[1])
    return document


def eventually(holds: Callable[[], bool], else_: Callable[[], str] = str) -> None:
    """Wait until that holds; fail, and say `else_`, if it doesn't within PATIENCE_SECONDS."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, else_()
        time.sleep(0.05)
