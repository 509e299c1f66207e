"""All that the switch works on, on an embedded AWS: what Terraform creates for it, through boto3."""

import itertools
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any

from lambda_src.contract.event import parse_request
from lambda_src.contract.values import Colour, Weights
from lambda_src.switch.aws import Caller, Clients
from lambda_src.switch.invocation import Invocation
from lambda_src.switch.logic import perform
from lambda_src.switch.settings import Settings
from packages.embedded_aws.tests.roles import role_of_anything
from tests.control_table import create_control_table
from tests.default_session import client
from tests.lambda_src.colours import Colours

BLUE, GREEN = Colour.BLUE, Colour.GREEN
NOT_STARTED = '{"status":"not_started"}'  # as Terraform creates it
HTTP = 80
ALL_BLUE, ALL_GREEN = Weights(100, 0), Weights(0, 100)
TO_HTTPS = {
    "Type": "redirect",
    "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
}
# By botocore's names: those that the function calls.
SERVICES = (
    *("elbv2", "ssm", "dynamodb", "cloudwatch", "rds", "secretsmanager", "sns", "stepfunctions"),
    *("ecs", "ecr"),
)

_serial = itertools.count()


@dataclass(frozen=True)
class State:
    """All that the switch can change; parameters that are None don't exist, `migration` is parsed."""

    weights: Weights = ALL_BLUE
    test_weights: Weights = ALL_GREEN
    active: str | None = "blue"
    migration: Any = field(default_factory=lambda: json.loads(NOT_STARTED))

    @property
    def told(self) -> tuple[object, ...]:
        """The state without the time and reason of the record."""
        record = self.migration
        if isinstance(record, dict):
            record = {key: record.get(key) for key in ("status", "source", "target", "weights")}
        return self.weights, self.test_weights, self.active, record


@dataclass(frozen=True)
class Account:
    """What platforms on one AWS share. `clients` are the switch's own, for hooks; others prepare and look."""

    clients: Clients
    elbv2: Any
    ssm: Any
    dynamodb: Any
    colours: Colours
    vpc: str
    subnets: list[str]
    certificate: str
    watcher: str  # ARN of a state machine that a held share starts; its executions end at once


@cache
def _account(_endpoint: str, _key: str) -> Account:
    """Of one run of an AWS. Making clients, subnets and certificates takes longer than most tests."""
    ec2: Any = client("ec2")
    acm: Any = client("acm")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for zone, cidr in (("us-east-1a", "10.0.0.0/24"), ("us-east-1b", "10.0.1.0/24"))
    ]
    certificate = acm.request_certificate(DomainName="pay.test")["CertificateArn"]
    elbv2, ssm, dynamodb = (client(name) for name in ("elbv2", "ssm", "dynamodb"))
    colours, watcher = Colours.create(subnets), _watcher()
    return Account(Clients(), elbv2, ssm, dynamodb, colours, vpc, subnets, certificate, watcher)


def _watcher() -> str:
    created = client("stepfunctions").create_state_machine(
        name="watches",
        definition=json.dumps({"StartAt": "Watched", "States": {"Watched": {"Type": "Succeed"}}}),
        roleArn=role_of_anything(client("iam"), "watches", "states.amazonaws.com"),
    )
    arn: str = created["stateMachineArn"]
    return arn


@dataclass
class LivePlatform:
    environment: dict[str, str]
    account: Account

    @classmethod
    def create(cls, *, healthy: int = 2, required: int = 1) -> "LivePlatform":
        """In the environment's AWS; each colour has `healthy` targets, `required` is MIN_HEALTHY_TARGETS."""
        account = _account(os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_ACCESS_KEY_ID"])
        name = f"pay-{next(_serial)}"
        balancer, groups = _load_balancer(account, name)
        environment = {
            "LISTENER_ARN": _listener(account, balancer, 443, _forward(groups, ALL_BLUE)),
            "TEST_LISTENER_ARN": _listener(account, balancer, 8443, _forward(groups, ALL_GREEN)),
            "REDIRECT_LISTENER_ARN": _listener(account, balancer, 80, TO_HTTPS),
            "DECLARED_RULES": "none",
            "BLUE_TG_ARN": groups[BLUE],
            "GREEN_TG_ARN": groups[GREEN],
            "SSM_PARAM_NAME": f"/{name}/active-environment",
            "STATUS_PARAM_NAME": f"/{name}/migration-status",
            "LEDGER_PARAM_NAME": f"/{name}/ledger-writer",
            "CONTROL_TABLE": create_control_table(account.dynamodb, f"{name}-control"),
            "MIN_HEALTHY_TARGETS": str(required),
            "MIN_HEALTHY_PERCENT": "50",
            "ALARM_GRACE_SECONDS": "300",
            "VERIFY_SECONDS": "30",
            "HOLD_SECONDS": "1800",
            "STATE_MACHINE_ARN": account.watcher,
            "WINDOWS": "always",
        }
        platform = cls(environment | account.colours.environment, account)
        account.colours.fix()
        for colour in Colour:
            platform.register(colour, healthy)
        platform.put(State())
        return platform

    @property
    def clients(self) -> list[Any]:
        """The function's own, one for each service."""
        return [self.account.clients(service) for service in SERVICES]

    def with_clients(self, clients: Clients) -> "LivePlatform":
        """The same platform, as another container of the function has it."""
        return replace(self, account=replace(self.account, clients=clients))

    @property
    def colours(self) -> Colours:
        return self.account.colours

    @property
    def elbv2(self) -> Any:
        return self.account.elbv2

    @property
    def ssm(self) -> Any:
        return self.account.ssm

    def invoke(
        self,
        event: object,
        seconds_left: Callable[[], float] = lambda: 60.0,
        clock: Callable[[], datetime] | None = None,
    ) -> dict[str, Any]:
        """What the handler does, with this platform's own clients. `clock`: the embedded AWS's, else."""
        settings = Settings.from_environment(self.environment)
        caller = Caller(self.account.clients, seconds_left)
        request = parse_request(event, f"request-{next(_serial)}")
        clock = clock or (lambda: datetime.now(UTC))
        return json.loads(json.dumps(perform(Invocation(request, settings, caller, clock))))  # type: ignore[no-any-return]

    @cached_property
    def stranger(self) -> str:
        """A target group of neither colour."""
        name = f"stranger-{next(_serial)}"
        created = self.elbv2.create_target_group(
            Name=name, Protocol="HTTPS", Port=8443, VpcId=self.account.vpc, TargetType="ip"
        )
        arn: str = created["TargetGroups"][0]["TargetGroupArn"]
        return arn

    @property
    def control(self) -> dict[str, Any]:
        """The control item as DynamoDB has it."""
        key = {"kind": {"S": "control"}, "id": {"S": "traffic"}}
        item: dict[str, Any] = self.account.dynamodb.get_item(
            TableName=self.environment["CONTROL_TABLE"], Key=key
        ).get("Item", {})
        return item

    def forget(self) -> None:
        """Empty the control table: no lock, no workflow, no history."""
        table, dynamodb = self.environment["CONTROL_TABLE"], self.account.dynamodb
        for item in dynamodb.scan(TableName=table)["Items"]:
            dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("kind", "id")})

    @property
    def state(self) -> State:
        arns = [self.environment["LISTENER_ARN"], self.environment["TEST_LISTENER_ARN"]]
        names = [self.environment["SSM_PARAM_NAME"], self.environment["STATUS_PARAM_NAME"]]
        listeners = self.elbv2.describe_listeners(ListenerArns=arns)["Listeners"]
        by_arn = {listener["ListenerArn"]: self._weights(listener) for listener in listeners}
        found = self.ssm.get_parameters(Names=names)["Parameters"]
        values = {parameter["Name"]: parameter["Value"] for parameter in found}
        record = values.get(names[1])
        return State(by_arn[arns[0]], by_arn[arns[1]], values.get(names[0]), _parsed(record))

    def put(self, state: State, there: State | None = None) -> None:
        """Make the platform be in this state, past the switch; `there`: the one that it is in, if known.
        A string as migration is stored as it is.
        """
        record = state.migration
        text = record if isinstance(record, str | None) else json.dumps(record)
        if there is None or there.weights != state.weights:
            self.set_listener("LISTENER_ARN", state.weights)
        if there is None or there.test_weights != state.test_weights:
            self.set_listener("TEST_LISTENER_ARN", state.test_weights)
        if there is None or there.active != state.active:
            self._put_parameter(self.environment["SSM_PARAM_NAME"], state.active)
        if there is None or there.migration != record:
            self._put_parameter(self.environment["STATUS_PARAM_NAME"], text)

    def set_listener(self, variable: str, weights: Weights) -> None:
        self.replace_action(variable, _forward(self._groups, weights))

    def replace_action(self, variable: str, action: Mapping[str, Any]) -> None:
        self.elbv2.modify_listener(ListenerArn=self.environment[variable], DefaultActions=[action])

    def action(self, variable: str) -> dict[str, Any]:
        described = self.elbv2.describe_listeners(ListenerArns=[self.environment[variable]])["Listeners"]
        action: dict[str, Any] = described[0]["DefaultActions"][0]
        return action

    def register(self, colour: Colour, count: int) -> None:
        """Have exactly `count` registered targets; in moto all of them are healthy."""
        arn = self._groups[colour]
        described = self.elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        present = {(item["Target"]["Id"], item["Target"]["Port"]) for item in described}
        wanted = {(f"10.0.{colour is GREEN:d}.{number + 4}", 8443) for number in range(count)}
        for call, targets in (
            (self.elbv2.deregister_targets, present - wanted),
            (self.elbv2.register_targets, wanted - present),
        ):
            if targets:
                call(TargetGroupArn=arn, Targets=_targets(targets))

    @property
    def _groups(self) -> dict[Colour, str]:
        return {BLUE: self.environment["BLUE_TG_ARN"], GREEN: self.environment["GREEN_TG_ARN"]}

    def _weights(self, listener: Mapping[str, Any]) -> Weights:
        """0 of what the default action does not forward to."""
        action = listener["DefaultActions"][0]
        groups = action.get("ForwardConfig", {}).get("TargetGroups", ())
        by_arn = {group["TargetGroupArn"]: group["Weight"] for group in groups}
        if not groups and "TargetGroupArn" in action:
            by_arn = {action["TargetGroupArn"]: 100}
        return Weights(by_arn.get(self._groups[BLUE], 0), by_arn.get(self._groups[GREEN], 0))

    def _put_parameter(self, name: str, value: str | None) -> None:
        if value is None:
            self.ssm.delete_parameters(Names=[name])
        else:
            self.ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def _load_balancer(account: Account, name: str) -> tuple[str, dict[Colour, str]]:
    created = account.elbv2.create_load_balancer(Name=name, Subnets=account.subnets)
    groups = {
        colour: account.elbv2.create_target_group(
            Name=f"{name}-{colour}", Protocol="HTTPS", Port=8443, VpcId=account.vpc, TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        for colour in Colour
    }
    return created["LoadBalancers"][0]["LoadBalancerArn"], groups


def _listener(account: Account, balancer: str, port: int, action: Mapping[str, Any]) -> str:
    https = {"Protocol": "HTTPS", "Certificates": [{"CertificateArn": account.certificate}]}
    created = account.elbv2.create_listener(
        LoadBalancerArn=balancer,
        Port=port,
        **({"Protocol": "HTTP"} if port == HTTP else https),
        DefaultActions=[action],
    )
    arn: str = created["Listeners"][0]["ListenerArn"]
    return arn


def _forward(groups: Mapping[Colour, str], weights: Weights) -> dict[str, Any]:
    """With an Order and a stickiness block, which the switch must not lose."""
    return {
        "Type": "forward",
        "Order": 1,
        "ForwardConfig": {
            "TargetGroups": [
                {"TargetGroupArn": groups[colour], "Weight": weights.of(colour)} for colour in (GREEN, BLUE)
            ],
            "TargetGroupStickinessConfig": {"Enabled": False, "DurationSeconds": 7200},
        },
    }


def _targets(targets: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
    return [{"Id": address, "Port": port} for address, port in sorted(targets)]


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text) if text is not None else None
    except ValueError:
        return text
