"""A busy AWS: rates with each service's own code, and writes that are not visible at once."""

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import ACCOUNT_ID, LocalAws
from embedded_aws.authorisation.calls import Call
from embedded_aws.rules.conditions import LONGEST_SECONDS, Conditions
from embedded_aws.rules.rates import RATES, Buckets, throttled

from packages.embedded_aws.tests.conftest import package_of
from packages.embedded_aws.tests.roles import role_of_anything, trust
from packages.embedded_aws.tests.rules.calling import unchecked
from packages.embedded_aws.tests.test_listeners import Balanced

SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def own_server(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """Conditions are those of a whole server."""
    with embedded_aws.running(tmp_path_factory.mktemp("busy")) as running:
        yield running


@pytest.fixture
def busy(own_server: LocalAws) -> Iterator[LocalAws]:
    """An embedded AWS of its own, without conditions at first and at the end."""
    yield own_server
    embedded_aws.set_conditions(own_server, None)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_without_a_seed_everything_is_visible_and_nothing_throttled() -> None:
    off, clock = Conditions(), Clock()
    off.wrote("role x")
    assert off.visible("role x")
    buckets = Buckets(off, clock)
    assert all(buckets.take(Call("ssm", "PutParameter", "us-east-1", {})) for _ in range(100))


def delay(seed: int, role: str) -> float:
    """Seconds until a new role is visible."""
    clock = Clock()
    conditions = Conditions(clock)
    conditions.set(seed)
    conditions.wrote(f"role {role}")
    while not conditions.visible(f"role {role}"):
        clock.now += 0.001
    return clock.now - 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_a_delay_is_bounded_and_the_seed_s_own(seed: int) -> None:
    assert delay(seed, "x") == delay(seed, "x") <= LONGEST_SECONDS + 0.001


@pytest.mark.parametrize(("service", "group"), [(s, g) for s, groups in RATES.items() for g in groups])
def test_a_bucket_holds_its_size_and_is_refilled(service: str, group: str) -> None:
    operation = {"reads": "DescribeListeners", "control": "CreateFunction"}.get(group, group)
    clock, conditions = Clock(), Conditions()
    conditions.set(1)
    buckets, call = Buckets(conditions, clock), Call(service, operation, "us-east-1", {})
    rate = RATES[service][group]
    clock.now += 1000  # full
    buckets.take(call)
    clock.now += 1000
    taken = sum(buckets.take(call) for _ in range(rate.size + 5))
    assert taken == rate.size
    clock.now += 1
    assert sum(buckets.take(call) for _ in range(rate.size + 5)) == min(rate.size, int(rate.refill))


@pytest.mark.parametrize(
    ("service", "status", "code"),
    [
        ("cloudwatch", 400, "Throttling"),
        ("dynamodb", 400, "ThrottlingException"),
        ("ec2", 503, "RequestLimitExceeded"),
        ("ecs", 400, "ThrottlingException"),
        ("elasticloadbalancing", 400, "ThrottlingException"),
        ("iam", 400, "Throttling"),
        ("kms", 400, "ThrottlingException"),
        ("lambda", 429, "TooManyRequestsException"),
        ("rds", 400, "Throttling"),
        ("s3", 503, "SlowDown"),
        ("secretsmanager", 400, "ThrottlingException"),
        ("sns", 400, "Throttling"),
        ("sqs", 403, "RequestThrottled"),
        ("ssm", 400, "ThrottlingException"),
        ("states", 400, "ThrottlingException"),
    ],
)
def test_each_service_has_its_code(service: str, status: int, code: str) -> None:
    assert throttled(service)[:2] == (status, code)


def refused(call: Callable[[], Any], most: int) -> str:
    """The code of the first of so many calls that is refused."""
    for _ in range(most):
        try:
            call()
        except ClientError as error:
            return str(error.response["Error"]["Code"])
    return ""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_burst_is_throttled_and_a_patient_client_is_not(busy: LocalAws, seed: int) -> None:
    embedded_aws.set_conditions(busy, seed)
    alarm = {
        "AlarmName": "busy",
        "AlarmRule": "FALSE",
    }
    client = unchecked(busy, "cloudwatch")
    assert refused(lambda: client.put_composite_alarm(**alarm), 40) == "Throttling"
    parameter = {"Name": "/busy", "Value": "x", "Type": "String", "Overwrite": True}
    client = unchecked(busy, "ssm")
    assert refused(lambda: client.put_parameter(**parameter), 40) == "ThrottlingException"
    embedded_aws.set_conditions(busy, None)
    assert refused(lambda: client.put_parameter(**parameter), 40) == ""


def until(done: Callable[[], bool]) -> float:
    """Seconds until it is so, at most a little more than LONGEST_SECONDS."""
    began = time.monotonic()
    while not _is(done):
        assert time.monotonic() - began < LONGEST_SECONDS + 20
        time.sleep(0.1)  # more often than Lambda permits is throttled
    return time.monotonic() - began


def _is(done: Callable[[], bool]) -> bool:
    try:
        return done()
    except ClientError as error:  # who asks so often is throttled
        if error.response["Error"]["Code"] != "TooManyRequestsException":
            raise
        return False


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_role_is_assumed_after_a_moment(busy: LocalAws, seed: int) -> None:
    embedded_aws.set_conditions(busy, seed)
    began, name = time.monotonic(), f"late-{uuid.uuid4().hex[:8]}"
    busy.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    functions, codes = unchecked(busy, "lambda"), []

    def created() -> bool:
        try:
            functions.create_function(
                FunctionName=name,
                Runtime="python3.13",
                Handler="app.main.handler",
                Role=f"arn:aws:iam::{ACCOUNT_ID}:role/{name}",
                Code={"ZipFile": package_of("def handler(event, context): ...")},
            )
        except ClientError as error:
            codes.append(error.response["Error"])
            return False
        return True

    until(created)
    assert {one["Code"] for one in codes} <= {"InvalidParameterValueException", "TooManyRequestsException"}
    assert codes or time.monotonic() - began > delay(seed, name)  # a slow machine asks late


@pytest.mark.parametrize("seed", SEEDS)
def test_a_function_is_pending_and_then_in_progress(busy: LocalAws, seed: int) -> None:
    name = f"function-{uuid.uuid4().hex[:8]}"
    role = role_of_anything(busy.client("iam"), "patient", "lambda.amazonaws.com")
    embedded_aws.set_conditions(busy, seed)
    functions = busy.client("lambda")
    settings = {"Handler": "app.main.handler", "Runtime": "python3.13", "Role": role}
    package = package_of("def handler(event, context): ...")
    made = functions.create_function(FunctionName=name, Code={"ZipFile": package}, **settings)
    assert made["State"] == "Pending"
    until(lambda: functions.get_function_configuration(FunctionName=name)["State"] == "Active")
    functions.update_function_code(FunctionName=name, ZipFile=package)
    seen = []

    def updated() -> bool:
        seen.append(functions.get_function_configuration(FunctionName=name)["LastUpdateStatus"])
        return bool(seen[-1] == "Successful")

    until(updated)
    assert set(seen) <= {"InProgress", "Successful"}


def test_a_function_is_not_changed_while_it_is_changed(busy: LocalAws) -> None:
    name = f"function-{uuid.uuid4().hex[:8]}"
    role = role_of_anything(busy.client("iam"), "patient", "lambda.amazonaws.com")
    functions = unchecked(busy, "lambda")
    package = package_of("def handler(event, context): ...")
    functions.create_function(
        FunctionName=name,
        Code={"ZipFile": package},
        Handler="app.main.handler",
        Runtime="python3.13",
        Role=role,
    )
    embedded_aws.set_conditions(busy, 4)
    codes = []
    for _ in range(8):
        code = refused(lambda: functions.update_function_configuration(FunctionName=name, Timeout=9), 2)
        codes.append(code)
    assert "ResourceConflictException" in codes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_listener_shows_its_new_weights_after_a_moment(busy: LocalAws, seed: int) -> None:
    balanced = Balanced.on(busy)
    embedded_aws.set_conditions(busy, seed)

    def weights() -> list[int]:
        (listener,) = busy.client("elbv2").describe_listeners(ListenerArns=[balanced.listener])["Listeners"]
        groups = listener["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
        return [group["Weight"] for group in groups]

    groups = [
        {"TargetGroupArn": arn, "Weight": weight}
        for arn, weight in zip(balanced.groups, (10, 90), strict=True)
    ]
    written = balanced.elbv2.modify_listener(
        ListenerArn=balanced.listener,
        DefaultActions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
    )["Listeners"][0]
    shown = written["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    assert [group["Weight"] for group in shown] == [10, 90]
    assert weights() in ([50, 50], [10, 90])
    until(lambda: weights() == [10, 90])
