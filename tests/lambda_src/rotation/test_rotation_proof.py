"""A reader learns of a new user a little later than the writer: it is asked again for some seconds."""

from collections.abc import Callable

import pytest

from lambda_src.rotation.errors import LoginRefusedError, PrivilegesDifferError
from lambda_src.rotation.models import Step
from tests.lambda_src.rotation.rehearsal import Rehearsal

PAUSES = 7
Pausing = Callable[[Callable[[], object]], list[float]]


@pytest.fixture
def pausing(monkeypatch: pytest.MonkeyPatch) -> Pausing:
    """In the place of each pause, something happens; the pauses that were made, in seconds."""

    def happening(what: Callable[[], object]) -> list[float]:
        pauses: list[float] = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            what()

        monkeypatch.setattr("lambda_src.rotation.patience.time.sleep", pause)
        return pauses

    return happening


def test_a_user_that_comes_late(rehearsal: Rehearsal, pausing: Pausing) -> None:
    rehearsal.rotate_announced()
    token = rehearsal.announce()
    rehearsal.step(Step.CREATE, token)
    pauses = pausing(lambda: rehearsal.step(Step.SET, token))
    rehearsal.step(Step.TEST, token)
    assert len(pauses) == 1


def test_privileges_that_come_late(rehearsal: Rehearsal, pausing: Pausing) -> None:
    token = _prepared_without_insert(rehearsal)
    pauses = pausing(lambda: rehearsal.step(Step.SET, token))
    rehearsal.step(Step.TEST, token)
    assert len(pauses) == 1


def test_a_user_that_never_comes(rehearsal: Rehearsal, pausing: Pausing) -> None:
    rehearsal.rotate_announced()
    token = rehearsal.announce()
    rehearsal.step(Step.CREATE, token)
    pauses = pausing(lambda: None)
    with pytest.raises(LoginRefusedError):
        rehearsal.step(Step.TEST, token)
    assert (len(pauses), 1 <= sum(pauses) <= 10) == (PAUSES, True)


def test_privileges_that_never_come(rehearsal: Rehearsal, pausing: Pausing) -> None:
    token = _prepared_without_insert(rehearsal)
    pauses = pausing(lambda: None)
    with pytest.raises(PrivilegesDifferError, match="not"):
        rehearsal.step(Step.TEST, token)
    assert len(pauses) == PAUSES


def _prepared_without_insert(rehearsal: Rehearsal) -> str:
    """The token of a rotation that has come as far as testSecret."""
    rehearsal.rotate_announced()
    token, user = rehearsal.announce(), rehearsal.users[1]
    for step in (Step.CREATE, Step.SET):
        rehearsal.step(step, token)
    rehearsal.server.ask(f"REVOKE INSERT ON {rehearsal.environment['DB_NAME']}.* FROM '{user}'@'%'")
    return token
