"""What the plan guard reads by itself, with calls that only read."""

import json
from collections.abc import Iterator

import embedded_aws
import pytest

from bluegreen.aws import Access
from bluegreen.operate.live import UnreadError, read
from lambda_src.contract.values import Weights
from tests.callers import OPERATOR
from tests.default_session import led_to
from tests.lambda_src.live_platform import ALL_GREEN, LivePlatform, State

# All that it takes. No function is invoked.
READS = [
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetHealth",
    "ssm:GetParameters",
]


@pytest.fixture(scope="module")
def aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_aws.LocalAws]:
    with embedded_aws.running(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture
def platform(aws: embedded_aws.LocalAws, monkeypatch: pytest.MonkeyPatch) -> LivePlatform:
    led_to(aws, monkeypatch)
    return LivePlatform.create()


@pytest.fixture
def access(aws: embedded_aws.LocalAws) -> Iterator[Access]:
    """Of a role that may read, and nothing else."""
    iam, sts = aws.client("iam"), aws.client("sts")
    trust = {"Effect": "Allow", "Principal": {"AWS": OPERATOR}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": READS, "Resource": "*"}
    documents = [json.dumps({"Version": "2012-10-17", "Statement": [one]}) for one in (trust, allow)]
    role = iam.create_role(RoleName="planning", AssumeRolePolicyDocument=documents[0])["Role"]["Arn"]
    iam.put_role_policy(RoleName="planning", PolicyName="read", PolicyDocument=documents[1])
    keys = sts.assume_role(RoleArn=role, RoleSessionName="plan")["Credentials"]
    environment = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }
    yield Access(embedded_aws.REGION, aws.endpoint, environment)
    iam.delete_role_policy(RoleName="planning", PolicyName="read")
    iam.delete_role(RoleName="planning")


def test_it_says_what_status_says(platform: LivePlatform, access: Access) -> None:
    for weights, active in ((Weights(100, 0), "blue"), (Weights(75, 25), "blue"), (ALL_GREEN, "green")):
        platform.put(State(weights, active=active))
        found, status = read(platform.environment, access), platform.invoke({"action": "status"})
        assert (found.active, found.weights) == (status["active"], status["weights"])
        assert found.active == active
        assert found.elsewhere == ()


def test_what_sends_clients_elsewhere_is_named(platform: LivePlatform, access: Access) -> None:
    """A rule on the production listener overrides the weights."""
    platform.elbv2.create_rule(
        ListenerArn=platform.environment["LISTENER_ARN"],
        Priority=5,
        Conditions=[{"Field": "path-pattern", "Values": ["/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": platform.environment["GREEN_TG_ARN"]}],
    )
    ((what, fix),) = read(platform.environment, access).elsewhere
    assert "rule" in what
    assert "delete-rule" in fix


def test_a_listener_without_weights_has_none(platform: LivePlatform, access: Access) -> None:
    page = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    platform.replace_action("LISTENER_ARN", page)
    found = read(platform.environment, access)
    assert (found.active, found.weights) == ("blue", None)
    assert found.elsewhere


def test_what_cannot_be_read_is_said(platform: LivePlatform, access: Access) -> None:
    with pytest.raises(UnreadError, match="LISTENER_ARN"):
        read({}, access)
    stranger = {"AWS_ACCESS_KEY_ID": "AKIAFOREIGN000000000", "AWS_SECRET_ACCESS_KEY": "x"}
    with pytest.raises(UnreadError, match=r"InvalidClientTokenId|UnrecognizedClient"):
        read(platform.environment, Access(access.region, access.endpoint_url, stranger))


def test_it_says_whose_database_may_be_the_ledgers_writer(platform: LivePlatform, access: Access) -> None:
    name = platform.environment["LEDGER_PARAM_NAME"]
    both = {"blue", "green"}
    assert read(platform.environment, access).writers == both  # nothing is recorded
    for text, writers in (
        ('{"writer": "green", "epoch": 8}', {"green"}),
        ('{"writer": "blue"}', {"blue"}),
        ('{"writer": null}', both),
        ("green", both),
    ):
        platform.ssm.put_parameter(Name=name, Value=text, Type="String", Overwrite=True)
        assert read(platform.environment, access).writers == writers
    for environment in (
        platform.environment | {"LEDGER_PARAM_NAME": "none"},
        {key: value for key, value in platform.environment.items() if key != "LEDGER_PARAM_NAME"},
    ):
        assert read(environment, access).writers == set()
