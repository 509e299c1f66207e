"""The deployed zip, invoked by Secrets Manager."""

import pytest

from bluegreen.operate.databases.certificates import Authority
from tests.lambda_src.rotation.deployed import Applications, Deployed
from tests.lambda_src.rotation.rehearsal import CURRENT, PENDING, PREVIOUS, Rehearsal
from tests.lambda_src.rotation.server import ADMINISTRATOR_PASSWORD

ROTATIONS = 10
WORKERS = 16


@pytest.fixture
def deployed(rehearsal: Rehearsal) -> Deployed:
    """The function of a secret that was never rotated."""
    return Deployed.create(rehearsal)


def test_the_first_rotation(deployed: Deployed) -> None:
    assert deployed.rotate() is None

    rehearsal = deployed.rehearsal
    value = rehearsal.value()
    assert value
    assert value["username"] == rehearsal.users[0]
    assert rehearsal.logs_in(value)
    described = rehearsal.secrets.describe_secret(SecretId=rehearsal.arn)
    assert described["RotationEnabled"]
    assert described["LastRotatedDate"]
    assert [set(labels) for labels in described["VersionIdsToStages"].values()] == [{CURRENT}]


def test_nobody_notices_ten_rotations(deployed: Deployed) -> None:
    assert deployed.rotate() is None
    applications = Applications(deployed.rehearsal, WORKERS)
    with applications.running():
        for _ in range(ROTATIONS):
            applications.next_round()
            assert deployed.rotate() is None
        applications.next_round()
    assert applications.refused == []
    assert applications.logins >= WORKERS * (ROTATIONS + 1)
    assert len(
        deployed.rehearsal.secrets.list_secret_version_ids(SecretId=deployed.rehearsal.arn)["Versions"]
    ) == (1 + ROTATIONS)


def test_a_rotation_that_fails_leaves_the_secret_alone_and_is_carried_to_its_end_later(
    deployed: Deployed, stranger: Authority
) -> None:
    assert deployed.rotate() is None
    rehearsal = deployed.rehearsal
    before = rehearsal.value()
    deployed.configure(CA_BUNDLE=str(stranger.path))

    error = deployed.rotate()

    assert error
    assert "setSecret: DatabaseError" in error
    assert rehearsal.value() == before
    assert rehearsal.logs_in(before)
    unfinished = rehearsal.holder(PENDING)

    deployed.configure()
    with pytest.raises(rehearsal.secrets.exceptions.InvalidRequestException, match="reattempted"):
        deployed.begin()

    assert deployed.await_end() is None
    assert rehearsal.holder(CURRENT) == unfinished
    assert rehearsal.logs_in(rehearsal.value())
    assert rehearsal.value(PREVIOUS) == before


def test_a_host_that_does_not_resolve_is_an_error_in_the_log(deployed: Deployed) -> None:
    """As on a laptop, where Terraform's apply begins the first rotation of a cluster that isn't there."""
    deployed.configure(DB_HOST="cluster.invalid")

    error = deployed.rotate()

    assert error
    assert "createSecret: DatabaseError" in error
    assert deployed.rehearsal.value() is None
    assert any("cluster.invalid" in line and '"level": "ERROR"' in line for line in deployed.log())


def test_no_password_is_ever_written_down(deployed: Deployed) -> None:
    rehearsal = deployed.rehearsal
    functions = rehearsal.aws.client("lambda")
    functions.update_function_configuration(
        FunctionName=deployed.name, LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}
    )
    errors = [deployed.rotate(), deployed.rotate()]
    deployed.configure(ADMIN_SECRET_ARN=_secret_of_a_weak_administrator(rehearsal))
    errors.append(deployed.rotate())
    passwords = [
        ADMINISTRATOR_PASSWORD,
        *(value["password"] for value in map(rehearsal.value, _STAGES) if value),
    ]

    written = [*map(str, errors), *deployed.log(), (rehearsal.aws.state_dir / "aws.log").read_text()]

    assert len(passwords) == 4
    assert any(
        "can't create" in text for text in written
    )  # the statement with the password in it was refused
    assert any('"level": "DEBUG"' in text for text in written)
    assert [text for text in written if any(password in text for password in passwords)] == []


_STAGES = (CURRENT, PREVIOUS, PENDING)


def _secret_of_a_weak_administrator(rehearsal: Rehearsal) -> str:
    """One who may log in, and nothing else."""
    name = f"{rehearsal.environment['DB_NAME']}_weak"
    rehearsal.server.ask(f"CREATE USER {name}@'%' IDENTIFIED BY '{ADMINISTRATOR_PASSWORD}' REQUIRE SSL")
    value = f'{{"username": "{name}", "password": "{ADMINISTRATOR_PASSWORD}"}}'
    arn: str = rehearsal.secrets.create_secret(Name=name, SecretString=value)["ARN"]
    return arn
