"""Blue and green demo services behind the local load balancer, on an embedded AWS of their own."""

import json
import ssl
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import embedded_aws
import pytest

from bluegreen.operate.databases import local, programs
from bluegreen.operate.databases.server import Root
from bluegreen.operate.service import starting
from lambda_src.contract.values import Colour
from tests import standing_ledger
from tests.prerequisites import leave_out

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-00000000000c"
TABLE = "shop-sessions"
PATIENCE_SECONDS = 30
COLOURS = ("blue", "green")


@dataclass(frozen=True)
class Answer:
    """What a client gets."""

    status: int
    headers: Any
    body: Any

    @property
    def cookie(self) -> str | None:
        """The session's token, where one was set."""
        given = self.headers["Set-Cookie"]
        return given.partition(";")[0].removeprefix("session=") if given else None


@dataclass(frozen=True)
class Shop:
    """`urls`: a listener that leads to one colour only, and `both`, which leads to each with equal weight."""

    aws: embedded_aws.LocalAws
    groups: dict[str, str]
    urls: dict[str, str]
    certificates: Path

    def ask(self, where: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; `x_y` is the header `x-y`."""
        trust = ssl.create_default_context(cafile=str(self.certificates))
        parts = urlsplit(self.urls[where])
        link = HTTPSConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS, context=trust)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            link.request(method, path, body, named)
            answer: HTTPResponse = link.getresponse()
            body = answer.read()
            told = json.loads(body) if answer.headers["Content-Type"].startswith("application/json") else body
            return Answer(answer.status, answer.headers, told)
        finally:
            link.close()

    def pay(
        self, where: str, key: str | None = None, cookie: str | None = None, amount: int = 1250
    ) -> Answer:
        """One payment; `key` None: a new one."""
        given = {"cookie": f"session={cookie}"} if cookie else {}
        body = json.dumps({"amount": amount, "currency": "EUR"})
        return self.ask(where, "POST", "/payments", body, idempotency_key=key or uuid.uuid4().hex, **given)

    def written(self, prefix: str) -> list[tuple[str, str, str]]:
        """Key, payment and colour of what was written with keys of that prefix."""
        page = self.ask("blue", "GET", f"/payments?prefix={prefix}").body
        assert page["more"] is False
        return [(key, payment, colour) for _, key, payment, colour in page["payments"]]

    def session(self, session_id: str) -> dict[str, Any] | None:
        """What the table has of a session."""
        found = self.aws.client("dynamodb").get_item(TableName=TABLE, Key={"session_id": {"S": session_id}})
        item: dict[str, Any] | None = found.get("Item")
        return item


def open_shop(aws: embedded_aws.LocalAws) -> Shop:
    """Bring it up on an embedded AWS."""
    embedded_aws.seed_certificate(aws, CERTIFICATE, "payments.test")
    _create_table(aws)
    local.start(aws, {})
    elbv2, ec2 = aws.client("elbv2"), aws.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    balancer = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]
    groups = {colour: _group(elbv2, colour, vpc) for colour in COLOURS}
    listeners = {}
    for port, name in enumerate((*COLOURS, "both"), 8443):
        weights = {groups[c]: 50 if name == "both" else 100 * (c == name) for c in COLOURS}
        listeners[name] = _listener(elbv2, balancer["LoadBalancerArn"], port, weights)
    for number, colour in enumerate(COLOURS):
        addresses = [f"10.20.{zone}.{10 + number}" for zone in range(3)]
        embedded_aws.register_targets(aws, groups[colour], addresses)
        start_service(aws, colour, addresses)
    embedded_aws.start_load_balancer(aws)
    traffic = embedded_aws.local_traffic(aws)
    urls = {listener.arn: listener.url for listener in traffic.listeners}
    return Shop(aws, groups, {name: urls[arn] for name, arn in listeners.items()}, traffic.certificates)


def start_service(aws: embedded_aws.LocalAws, colour: str, addresses: list[str]) -> bool:
    """As `bluegreen local up` does."""
    targets = [(address, 8443) for address in addresses]
    databases = standing_ledger.bring_up(aws, {name: secret(aws, name) for name in COLOURS})
    return starting.start(aws, colour, targets, table=TABLE, region=embedded_aws.REGION, databases=databases)


def secret(aws: embedded_aws.LocalAws, colour: str) -> str:
    """ARN of a colour's credentials."""
    client, name = aws.client("secretsmanager"), f"shop/{colour}"
    try:
        arn: str = client.create_secret(Name=name)["ARN"]
    except client.exceptions.ResourceExistsException:
        arn = client.describe_secret(SecretId=name)["ARN"]
    embedded_aws.seed_credentials(aws, arn)
    return arn


def database(shop: Shop, colour: str = "blue") -> Root:
    """A colour's database, for root's statements."""
    return local.server(shop.aws, Colour(colour))


def run_all(server: Root, statements: Iterable[str]) -> None:
    """Statements of root in one session."""
    with server.root() as cursor:
        for statement in statements:
            cursor.execute(statement)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In CI, tests fail without a database server."""
    if not programs.find():
        for fixture in ("opened", "opened_here"):
            below = Path(__file__).parent
            leave_out(config, items, below=below, fixture=fixture, lack=programs.LACK, fix=programs.FIX)


@pytest.fixture(scope="session")
def opened(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The one shop of a worker."""
    with embedded_aws.running(tmp_path_factory.mktemp("shop")) as aws:
        yield open_shop(aws)


@pytest.fixture
def shop(opened: Shop) -> Iterator[Shop]:
    """With services that are well, before and after."""
    yield opened
    for colour in COLOURS:
        embedded_aws.set_incident(opened.aws, colour, "none")


def _create_table(aws: embedded_aws.LocalAws) -> None:
    aws.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "session_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "session_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def _group(elbv2: Any, colour: str, vpc: str) -> str:
    created = elbv2.create_target_group(
        Name=f"shop-{colour}",
        Protocol="HTTPS",
        Port=8443,
        VpcId=vpc,
        TargetType="ip",
        HealthCheckProtocol="HTTPS",
        HealthCheckPath="/health",
        HealthCheckIntervalSeconds=5,
        HealthCheckTimeoutSeconds=2,
        HealthyThresholdCount=2,
        UnhealthyThresholdCount=2,
    )
    arn: str = created["TargetGroups"][0]["TargetGroupArn"]
    return arn


def _listener(elbv2: Any, balancer: str, port: int, weights: dict[str, int]) -> str:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    created = elbv2.create_listener(
        LoadBalancerArn=balancer,
        Port=port,
        Protocol="HTTPS",
        Certificates=[{"CertificateArn": CERTIFICATE}],
        DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    )
    arn: str = created["Listeners"][0]["ListenerArn"]
    return arn
