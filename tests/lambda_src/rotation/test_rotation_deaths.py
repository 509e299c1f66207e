"""A rotation that dies after any of its calls, and is run again, ends as if it had not died, and locks nobody
out.
"""

from collections.abc import Callable

import pytest

from tests.lambda_src.rotation.deaths import Died, counting
from tests.lambda_src.rotation.rehearsal import CURRENT, PREVIOUS, Rehearsal

MOST_CALLS = 100  # a bound for the loop; a rotation makes about half of them

Again = Callable[[Rehearsal, str], str]


def with_the_same_token(rehearsal: Rehearsal, token: str) -> str:
    """As Secrets Manager does by itself."""
    rehearsal.rotate(token)
    return token


def with_another_token(rehearsal: Rehearsal, token: str) -> str:
    """As somebody does who has taken AWSPENDING away from the version that is not getting on."""
    if token in rehearsal.labels():
        rehearsal.clean_up(token)
    token = rehearsal.announce()
    rehearsal.rotate(token)
    return token


_by_hand = pytest.param(with_another_token, marks=pytest.mark.long)


def dies(rehearsal: Rehearsal, token: str, fatal: int) -> str | None:
    """Rotate until call number `fatal`, and name it; None if there are fewer."""
    with counting(rehearsal.client, fatal=fatal) as calls:
        try:
            rehearsal.rotate(token)
        except Died:
            return calls.made[-1]
    return None


@pytest.mark.parametrize("again", [with_the_same_token, _by_hand])
def test_a_first_rotation(rehearsal: Rehearsal, again: Again) -> None:
    last_words: list[str] = []
    for fatal in range(1, MOST_CALLS):
        rehearsal = rehearsal.anew()
        token = rehearsal.announce()
        death = dies(rehearsal, token, fatal)
        assert rehearsal.logs_in(rehearsal.value()), f"locked out after call {fatal}, {death}"
        if death is None:
            break
        last_words.append(death)
        token = again(rehearsal, token)
        assert rehearsal.holder(CURRENT) == token, f"not finished after dying at call {fatal}, {death}"
        assert rehearsal.logs_in(rehearsal.value())
    assert {"PutSecretValue", "login", "CREATE", "ALTER", "GRANT"} <= set(last_words)
    assert len(last_words) > 20  # every call was the last one once


@pytest.mark.parametrize("again", [with_the_same_token, _by_hand])
def test_a_later_rotation(rehearsal: Rehearsal, again: Again) -> None:
    last_words: list[str] = []
    for _ in range(2):
        rehearsal.rotate_announced()
    # With another set of privileges each time, so that there is something to grant and to revoke.
    deployments = [rehearsal.having(PRIVILEGES="SELECT,INSERT"), rehearsal.having(PRIVILEGES="SELECT,DELETE")]
    for fatal in range(1, MOST_CALLS):
        rehearsal = deployments[fatal // 2 % 2]
        before = rehearsal.value()
        token = rehearsal.announce()
        death = dies(rehearsal, token, fatal)
        assert rehearsal.logs_in(before), f"locked out after call {fatal}, {death}"
        assert rehearsal.logs_in(rehearsal.value()), f"locked out after call {fatal}, {death}"
        if death is None:
            break
        last_words.append(death)
        token = again(rehearsal, token)
        assert rehearsal.holder(CURRENT) == token, f"not finished after dying at call {fatal}, {death}"
        assert rehearsal.logs_in(rehearsal.value())
        assert rehearsal.logs_in(rehearsal.value(PREVIOUS))
        rehearsal.clean_up(token)
    assert {"PutSecretValue", "ALTER", "GRANT", "REVOKE", "UpdateSecretVersionStage"} <= set(last_words)
    assert len(last_words) > 30
