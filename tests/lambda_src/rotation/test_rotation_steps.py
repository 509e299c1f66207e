"""The steps one by one, on a real database."""

import json
import uuid

import pytest

from lambda_src.rotation.errors import AwsCallError, DatabaseError, RotationStateError, SecretValueError
from lambda_src.rotation.models import Step
from tests.lambda_src.rotation.rehearsal import CURRENT, PENDING, PREVIOUS, Rehearsal
from tests.lambda_src.rotation.server import ADMINISTRATOR


def test_the_first_rotation_creates_user_and_value(rehearsal: Rehearsal) -> None:
    token = rehearsal.announce()
    assert rehearsal.value() is None

    rehearsal.rotate(token)

    value = rehearsal.value()
    assert value is not None
    assert {name: value[name] for name in value if name != "password"} == {
        "engine": "mysql",
        "host": "localhost",
        "readerHost": "127.0.0.1",
        "port": rehearsal.server.port,
        "dbname": rehearsal.environment["DB_NAME"],
        "username": rehearsal.users[0],
    }
    assert rehearsal.logs_in(value)
    assert rehearsal.holder(CURRENT) == token


def test_the_first_value_logs_in_from_the_moment_it_is_there(rehearsal: Rehearsal) -> None:
    """AWS makes a secret's first value AWSCURRENT at once, long before finishSecret."""
    rehearsal.step(Step.CREATE, rehearsal.announce())
    assert rehearsal.value() is not None
    assert rehearsal.logs_in(rehearsal.value())


def test_a_secret_that_had_a_value_but_has_no_current_one(rehearsal: Rehearsal) -> None:
    """Then the new value isn't AWSCURRENT at once, and finishSecret has nothing to take the label from."""
    first = rehearsal.rotate_announced()
    rehearsal.secrets.update_secret_version_stage(
        SecretId=rehearsal.arn, VersionStage=CURRENT, RemoveFromVersionId=first
    )
    token = rehearsal.announce()
    for step in (Step.CREATE, Step.SET, Step.TEST):
        rehearsal.step(step, token)
        assert rehearsal.value() is None
    rehearsal.step(Step.FINISH, token)
    assert rehearsal.holder(CURRENT) == token
    assert rehearsal.logs_in(rehearsal.value())


def test_users_take_turns_and_the_old_one_stays_valid(rehearsal: Rehearsal) -> None:
    tokens = [rehearsal.rotate_announced() for _ in range(3)]
    value, previous = rehearsal.value(), rehearsal.value(PREVIOUS)
    assert value
    assert previous
    assert (value["username"], previous["username"]) == rehearsal.users
    assert rehearsal.logs_in(value)
    assert rehearsal.logs_in(previous)
    assert rehearsal.labels() == {tokens[2]: {CURRENT}, tokens[1]: {PREVIOUS}}


def test_no_account_without_tls(rehearsal: Rehearsal) -> None:
    for _ in range(2):
        rehearsal.rotate_announced()
    for user in rehearsal.users:
        ((account,),) = rehearsal.server.ask(f"SHOW CREATE USER '{user}'@'%'")
        assert "REQUIRE SSL" in account


def test_every_step_can_be_repeated(rehearsal: Rehearsal) -> None:
    rehearsal.rotate_announced()
    token = rehearsal.announce()
    for step in Step:
        rehearsal.step(step, token)
        before = rehearsal.labels(), rehearsal.value(), rehearsal.value(PENDING)
        rehearsal.step(step, token)
        assert (rehearsal.labels(), rehearsal.value(), rehearsal.value(PENDING)) == before
        assert rehearsal.logs_in(rehearsal.value())


def test_steps_of_a_rotation_that_is_over_change_nothing(rehearsal: Rehearsal) -> None:
    token = rehearsal.rotate_announced()
    accounts = rehearsal.accounts()
    rehearsal.rotate(token)
    assert rehearsal.holder(CURRENT) == token
    assert rehearsal.accounts() == accounts


def test_an_event_of_the_past_does_not_bring_its_version_back(rehearsal: Rehearsal) -> None:
    old = rehearsal.rotate_announced()
    rehearsal.rotate_announced()
    accounts, labels = rehearsal.accounts(), rehearsal.labels()
    for step in Step:
        with pytest.raises(RotationStateError, match="neither AWSPENDING nor AWSCURRENT"):
            rehearsal.step(step, old)
    assert rehearsal.accounts() == accounts
    assert rehearsal.labels() == labels


@pytest.mark.parametrize("step", [Step.SET, Step.TEST, Step.FINISH])
def test_no_step_before_there_is_a_value(rehearsal: Rehearsal, step: Step) -> None:
    with pytest.raises(RotationStateError, match="no value yet"):
        rehearsal.step(step, rehearsal.announce())


def test_nothing_becomes_current_that_does_not_log_in(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambda_src.rotation.patience.PAUSE_SECONDS", 0)
    current = rehearsal.rotate_announced()
    token = rehearsal.announce()
    rehearsal.step(Step.CREATE, token)
    for step in (Step.TEST, Step.FINISH):
        with pytest.raises(DatabaseError, match="1045"):
            rehearsal.step(step, token)
    assert rehearsal.holder(CURRENT) == current


def test_a_current_user_that_was_lost_is_fixed_by_its_own_rotation(rehearsal: Rehearsal) -> None:
    """A first rotation that died after AWSCURRENT was there, on a database that was made anew since."""
    token = rehearsal.announce()
    rehearsal.step(Step.CREATE, token)
    rehearsal.server.ask(f"DROP USER '{rehearsal.users[0]}'@'%'")
    assert not rehearsal.logs_in(rehearsal.value())
    rehearsal.step(Step.SET, token)
    assert rehearsal.logs_in(rehearsal.value())


def test_the_user_of_the_current_version_is_never_touched(rehearsal: Rehearsal) -> None:
    """Somebody has put AWSCURRENT back to the previous version while a rotation was under way."""
    rehearsal.rotate_announced()
    current = rehearsal.rotate_announced()
    token = rehearsal.announce()
    rehearsal.step(Step.CREATE, token)
    rehearsal.secrets.update_secret_version_stage(
        SecretId=rehearsal.arn,
        VersionStage=CURRENT,
        RemoveFromVersionId=current,
        MoveToVersionId=rehearsal.holder(PREVIOUS),
    )
    accounts = rehearsal.accounts()
    for step in (Step.CREATE, Step.SET, Step.FINISH):
        with pytest.raises(RotationStateError, match="both of"):
            rehearsal.step(step, token)
    assert rehearsal.accounts() == accounts
    assert rehearsal.logs_in(rehearsal.value())

    rehearsal.clean_up(token)
    rehearsal.rotate_announced()
    assert rehearsal.logs_in(rehearsal.value())


def test_users_of_another_name_follow_a_stranger(rehearsal: Rehearsal) -> None:
    rehearsal.rotate_announced()
    before = rehearsal.value()
    renamed = rehearsal.having(APP_USER=f"{rehearsal.environment['APP_USER']}2")
    renamed.rotate_announced()
    value = renamed.value()
    assert value
    assert value["username"] == renamed.users[0]
    assert rehearsal.logs_in(value)
    assert rehearsal.logs_in(before)


def test_a_pending_value_of_another_deployment_is_refused_until_its_label_is_gone(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.rotate_announced()
    token = rehearsal.announce()
    rehearsal.having(DB_HOST="127.0.0.1").step(Step.CREATE, token)
    for step in Step:
        with pytest.raises(SecretValueError, match="host is another") as refusal:
            rehearsal.step(step, token)
        assert "AWSPENDING" in refusal.value.fix
    rehearsal.clean_up(token)
    rehearsal.rotate_announced()
    assert rehearsal.logs_in(rehearsal.value())


def test_a_database_that_was_made_anew_gets_its_users_back(rehearsal: Rehearsal) -> None:
    for _ in range(2):
        rehearsal.rotate_announced()
    for user in rehearsal.users:
        rehearsal.server.ask(f"DROP USER '{user}'@'%'")
    rehearsal.rotate_announced()
    assert rehearsal.logs_in(rehearsal.value())


def test_the_administrator_is_not_rotated(rehearsal: Rehearsal) -> None:
    value = json.dumps({"username": rehearsal.users[0], "password": "whatever"})
    arn = rehearsal.secrets.create_secret(Name=str(uuid.uuid4()), SecretString=value)["ARN"]
    with pytest.raises(RotationStateError, match="is the administrator"):
        rehearsal.having(ADMIN_SECRET_ARN=arn).rotate(rehearsal.announce())
    assert ADMINISTRATOR not in rehearsal.users


def test_testing_alone_works_on_a_copy_of_the_current_version(rehearsal: Rehearsal) -> None:
    """RotateSecret with RotateImmediately=false runs testSecret alone."""
    current = rehearsal.rotate_announced()
    rehearsal.step(Step.TEST, current)


def test_calls_that_aws_refuses_are_typed(rehearsal: Rehearsal) -> None:
    elsewhere = rehearsal.arn.replace(":secret:", ":secret:not-")
    with pytest.raises(AwsCallError, match="DescribeSecret failed"):
        rehearsal.having(SECRET_ARN=elsewhere).step(Step.CREATE, str(uuid.uuid4()))
