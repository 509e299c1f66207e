"""The administrator's rotation, against an embedded RDS whose cluster a real server stands for."""

import itertools
import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import embedded_aws
import pytest
from embedded_aws import LocalAws

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from lambda_src.ledger.database import session
from lambda_src.ledger.errors import StatementError
from lambda_src.ledger.models import Account
from lambda_src.rotation import administrator, logic
from lambda_src.rotation.database import Database
from lambda_src.rotation.errors import (
    AdministratorNotReadyError,
    AwsCallError,
    LoginRefusedError,
    RotationStateError,
)
from lambda_src.rotation.event import parse_request
from lambda_src.rotation.gateway import Cluster, Gateway, connect, connect_to_rds
from lambda_src.rotation.models import Credentials, Step, Versions
from lambda_src.rotation.settings import Settings
from tests.lambda_src.recorder import Recorder, by_variable
from tests.lambda_src.rotation.conftest import deploy
from tests.lambda_src.rotation.deaths import Died, counting

CURRENT, PENDING, PREVIOUS = "AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"
CLUSTER = "administered-blue"
NAME = "administrator"
# Of the steps: IAM action → environment variables that name what it is used on.
PERMISSIONS = {
    "rds:ModifyDBCluster": {"DB_CLUSTER"},
    "secretsmanager:DescribeSecret": {"ADMIN_SECRET_ARN"},
    "secretsmanager:GetSecretValue": {"ADMIN_SECRET_ARN"},
    "secretsmanager:PutSecretValue": {"ADMIN_SECRET_ARN"},
    "secretsmanager:UpdateSecretVersionStage": {"ADMIN_SECRET_ARN"},
}
MOST_CALLS = 60  # a bound for the loop; a rotation makes about 25
_serial = itertools.count()


@dataclass
class Administered:
    """A cluster, its administrator's secret, and what the rotation function does with both."""

    aws: LocalAws
    secrets: Any
    client: Any = field(default_factory=connect)
    rds: Any = field(default_factory=connect_to_rds)
    arn: str = ""

    def anew(self) -> "Administered":
        """A secret that was never rotated; the cluster has a password that nothing stores."""
        self.arn = self.secrets.create_secret(Name=f"administrator/{next(_serial)}")["ARN"]
        self.set_by_hand(f"CANARY-{uuid.uuid4()}")
        return self

    def set_by_hand(self, password: str) -> None:
        """Another client has RDS set it."""
        self.aws.client("rds").modify_db_cluster(
            DBClusterIdentifier=CLUSTER, MasterUserPassword=password, ApplyImmediately=True
        )
        self.await_login(password)

    def await_login(self, password: str) -> None:
        deadline = time.monotonic() + 20
        while not self.logs_in(password):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    @property
    def environment(self) -> dict[str, str]:
        place = local.places(self.aws)[Colour.BLUE]
        return {
            "SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:application-AbCdEf",
            "ADMIN_SECRET_ARN": self.arn,
            "ADMIN_USER": NAME,
            "DB_CLUSTER": CLUSTER,
            "DB_HOST": place.host,
            "DB_READER_HOST": place.host,
            "DB_PORT": str(place.port),
            "DB_NAME": "payments",
            "APP_USER": "payments",
            "PRIVILEGES": "SELECT",
            "CA_BUNDLE": str(place.ca),
        }

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environment)

    def step(self, step: str, token: str) -> str:
        own = self.settings.of_administrator()
        request = parse_request({"Step": step, "SecretId": self.arn, "ClientRequestToken": token})
        cluster = Cluster(own, self.rds)
        return administrator.perform(request, Gateway(own, self.client), Database(own), cluster)

    def rotate(self, token: str) -> str:
        for step in Step:
            self.step(step, token)
        return token

    def announce(self) -> str:
        """What RotateSecret does before it calls the function."""
        token = str(uuid.uuid4())
        dying = self.aws.client("lambda").get_function(FunctionName="dies")["Configuration"]["FunctionArn"]
        self.secrets.rotate_secret(SecretId=self.arn, ClientRequestToken=token, RotationLambdaARN=dying)
        assert self.aws.control("POST", "rotation", {"secretArn": self.arn})["error"]
        return token

    def clean_up(self, token: str) -> None:
        self.secrets.update_secret_version_stage(
            SecretId=self.arn, VersionStage=PENDING, RemoveFromVersionId=token
        )

    def rotate_announced(self) -> str:
        token = self.rotate(self.announce())
        self.clean_up(token)
        return token

    def password(self, stage: str = CURRENT) -> str:
        text = self.secrets.get_secret_value(SecretId=self.arn, VersionStage=stage)["SecretString"]
        value = json.loads(text)
        assert value["username"] == NAME
        return str(value["password"])

    def logs_in(self, password: str) -> bool:
        try:
            with session(local.places(self.aws)[Colour.BLUE], Account(NAME, password)):
                return True
        except StatementError:
            return False


@pytest.fixture(scope="module")
def aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """With two database servers, of which one stands for the cluster."""
    with embedded_aws.running(tmp_path_factory.mktemp("administered") / "deployment") as aws:
        local.start(aws, {"blue": CLUSTER, "green": "administered-green"})
        aws.client("rds").create_db_cluster(
            DBClusterIdentifier=CLUSTER,
            Engine="aurora-mysql",
            DatabaseName="payments",
            MasterUsername=NAME,
            MasterUserPassword=f"CANARY-{uuid.uuid4()}",
        )
        deploy(aws, "dies", Path(__file__).read_bytes(), handler="dies.handler", environment={})
        yield aws


@pytest.fixture
def administered(aws: LocalAws) -> Administered:
    return Administered(aws, aws.client("secretsmanager")).anew()


def test_the_first_rotation_sets_a_password_that_the_secret_has(administered: Administered) -> None:
    token = administered.rotate_announced()
    assert administered.logs_in(administered.password())
    assert administered.secrets.get_secret_value(SecretId=administered.arn)["VersionId"] == token


def test_a_rotation_replaces_the_password(administered: Administered) -> None:
    administered.rotate_announced()
    before = administered.password()
    administered.rotate_announced()
    assert administered.password(PREVIOUS) == before != administered.password()
    assert administered.logs_in(administered.password())
    assert not administered.logs_in(before)


def test_every_step_can_be_repeated(administered: Administered) -> None:
    for _ in range(2):
        token = administered.announce()
        for step in Step:
            administered.step(step, token)
            administered.step(step, token)
        assert administered.logs_in(administered.password())
        administered.clean_up(token)


@pytest.mark.parametrize("known", [pytest.param(False, marks=pytest.mark.long), True], ids=["first", "later"])
def test_one_that_dies_after_any_call_ends_when_it_is_run_again(
    administered: Administered, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(administrator, "PAUSE_SECONDS", 0.05)
    if known:
        administered.rotate_announced()
    last_words: list[str] = []
    for fatal in range(1, MOST_CALLS):
        if not known:
            administered.anew()
        token = administered.announce()
        with counting(administered.client, administered.rds, fatal=fatal) as calls:
            try:
                administered.rotate(token)
            except Died:
                last_words.append(calls.made[-1])
            else:
                break
        administered.rotate(token)
        assert administered.logs_in(administered.password()), f"after {last_words[-1]}, call {fatal}"
        administered.clean_up(token)
    assert {"ModifyDBCluster", "PutSecretValue", "login"} <= set(last_words)


def test_a_password_that_was_changed_by_hand_is_set_again(administered: Administered) -> None:
    administered.rotate_announced()
    administered.set_by_hand("CANARY-by-hand")
    administered.rotate_announced()
    assert administered.logs_in(administered.password())
    administered.set_by_hand("CANARY-again")
    current = administered.secrets.get_secret_value(SecretId=administered.arn)["VersionId"]
    administered.step(Step.SET, current)  # AWSCURRENT itself
    assert administered.logs_in(administered.password())


def test_an_event_of_the_past_changes_nothing(administered: Administered) -> None:
    old = administered.rotate_announced()
    for _ in range(2):
        administered.rotate_announced()
    before = administered.password()
    with pytest.raises(RotationStateError, match="neither AWSPENDING nor AWSCURRENT"):
        administered.step(Step.SET, old)
    assert administered.logs_in(before)


def test_a_cluster_that_takes_no_password_is_an_error(
    administered: Administered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(administrator, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(Cluster, "set_password", lambda *_: False)
    with pytest.raises(AwsCallError, match="busy with another change"):
        administered.step(Step.CREATE, administered.announce())


def test_a_state_in_which_rds_refuses_is_no_failure_yet(administered: Administered) -> None:
    """API reference, ModifyDBCluster: InvalidDBClusterStateFault."""
    refused = administered.rds.exceptions.InvalidDBClusterStateFault(
        {"Error": {"Code": "InvalidDBClusterStateFault", "Message": "not available"}}, "ModifyDBCluster"
    )

    def refuse(**_: Any) -> None:
        raise refused

    administered.rds.meta.events.register("before-call.rds.ModifyDBCluster", refuse)
    assert Cluster(administered.settings, administered.rds).set_password("CANARY-refused") is False
    administered.rds.meta.events.unregister("before-call.rds.ModifyDBCluster", refuse)
    assert Cluster(administered.settings, administered.rds).set_password("CANARY-accepted") is True


class _Applications:
    """An account that needs the administrator."""

    def __init__(self, administered: Administered) -> None:
        self._administered, self.tried = administered, 0

    def prepare(self, known: Any, _: Any) -> None:
        self.tried += 1
        if not self._administered.logs_in(known.password):
            raise LoginRefusedError(what="refused", where="here", cause="", fix="")

    def prove(self, *_: Any) -> None:
        """Nothing to prove."""


def test_other_rotations_wait_for_the_administrators_first(administered: Administered) -> None:
    """And read its secret anew where its password has just changed."""
    database, gateway = Database(administered.settings), Gateway(administered.settings, administered.client)
    application = _Applications(administered)
    subject = logic.Subject(database, application)
    rotation = logic._Rotation("t" * 36, Versions({}), administered.settings, gateway, subject)
    credentials = Credentials("payments_a", "CANARY-application")
    token = administered.announce()
    first = threading.Thread(target=administered.rotate, args=(token,))
    first.start()
    rotation._prepare(credentials)
    first.join()
    assert application.tried >= 1

    administered.clean_up(token)
    token = administered.announce()
    for step in (Step.CREATE, Step.SET):
        administered.step(step, token)
    assert not administered.logs_in(administered.password())
    ends = threading.Timer(1.5, lambda: [administered.step(step, token) for step in (Step.TEST, Step.FINISH)])
    ends.start()
    application.tried = 0
    rotation._prepare(credentials)
    ends.join()
    assert application.tried > 1


def test_a_secret_without_value_is_named(administered: Administered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logic, "FIRST_ATTEMPTS", 2)
    monkeypatch.setattr(logic, "FIRST_PAUSE_SECONDS", 0.0)
    settings = administered.settings
    gateway, database = Gateway(settings, administered.client), Database(settings)
    subject = logic.Subject(database, _Applications(administered))
    rotation = logic._Rotation("t" * 36, Versions({}), settings, gateway, subject)
    with pytest.raises(AdministratorNotReadyError, match="has no value") as caught:
        rotation._prepare(Credentials("payments_a", "CANARY-application"))
    assert administered.arn in str(caught.value)


def test_no_error_has_the_password(administered: Administered) -> None:
    refusals = [
        {"Code": "InvalidParameterValue", "Message": "The parameter MasterUserPassword is not valid"},
        {"Code": "AccessDenied", "Message": "not authorized"},
    ]
    for refusal in refusals:

        def refuse(refusal: dict[str, str] = refusal, **_: Any) -> None:
            raise administered.rds.exceptions.ClientError({"Error": refusal}, "ModifyDBCluster")

        administered.rds.meta.events.register("before-call.rds.ModifyDBCluster", refuse)
        with pytest.raises(AwsCallError, match=refusal["Code"]) as caught:
            Cluster(administered.settings, administered.rds).set_password("CANARY-secret")
        administered.rds.meta.events.unregister("before-call.rds.ModifyDBCluster", refuse)
        assert "CANARY" not in str(caught.value)


def test_permissions_that_the_steps_use(administered: Administered) -> None:
    with Recorder.listening_to(administered.client, administered.rds) as recorder:
        administered.rotate_announced()
        administered.rotate_announced()
    assert by_variable(recorder.permissions(), administered.environment) == PERMISSIONS
