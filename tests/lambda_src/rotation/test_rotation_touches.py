"""Which users a step touches, and whom it asks."""

import pytest

from lambda_src.rotation.errors import DatabaseError
from lambda_src.rotation.models import Step
from tests.lambda_src.rotation.rehearsal import Rehearsal


def test_who_is_in_awscurrent_and_logs_in_is_not_touched(rehearsal: Rehearsal) -> None:
    """Not even the administrator is needed: here there is none."""
    token = rehearsal.rotate_announced()
    name = rehearsal.environment["ADMIN_SECRET_ARN"]
    rehearsal.secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    assert rehearsal.step(Step.SET, token).endswith("not touched")


def test_who_logs_in_already_still_gets_the_privileges(rehearsal: Rehearsal) -> None:
    rehearsal.rotate_announced()
    token, user = rehearsal.announce(), rehearsal.users[1]
    for step in (Step.CREATE, Step.SET):
        rehearsal.step(step, token)
    wanted = rehearsal.privileges(user)
    rehearsal.server.ask(f"REVOKE INSERT ON {rehearsal.environment['DB_NAME']}.* FROM '{user}'@'%'")
    rehearsal.step(Step.SET, token)
    assert rehearsal.privileges(user) == wanted


def test_a_reader_that_is_gone_fails_the_test(rehearsal: Rehearsal) -> None:
    """The value is this deployment's: only the reader doesn't answer."""
    elsewhere = rehearsal.having(DB_READER_HOST="127.0.0.2")
    token = elsewhere.announce()
    elsewhere.step(Step.CREATE, token)
    elsewhere.step(Step.SET, token)
    with pytest.raises(DatabaseError, match="can't log in"):
        elsewhere.step(Step.TEST, token)
