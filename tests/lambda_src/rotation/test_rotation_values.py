"""What secrets hold, and what errors show of it: nothing."""

import json
import math
import traceback
from collections import Counter
from typing import Any

import pytest

from lambda_src.rotation.database import Database, Session
from lambda_src.rotation.errors import DatabaseError, RotationError, SecretValueError
from lambda_src.rotation.models import Credentials
from lambda_src.rotation.passwords import LENGTH, generate
from lambda_src.rotation.settings import Settings
from lambda_src.rotation.values import compose, parse_credentials, parse_own
from tests.lambda_src.rotation.rehearsal import Rehearsal
from tests.lambda_src.rotation.server import ADMINISTRATOR, ADMINISTRATOR_PASSWORD
from tests.lambda_src.rotation.test_rotation_settings import COMPLETE

CANARY = "CANARY-4711"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~"


@pytest.fixture
def settings() -> Settings:
    return Settings.from_environment(COMPLETE)


def test_what_is_composed_is_parsed(settings: Settings) -> None:
    credentials = Credentials("payments_b", generate())
    text = compose(settings, credentials)
    assert parse_own(text, settings, "here") == parse_credentials(text, "here") == credentials
    assert json.loads(text) == {
        "engine": "mysql",
        "host": COMPLETE["DB_HOST"],
        "readerHost": COMPLETE["DB_READER_HOST"],
        "port": 3306,
        "dbname": "payments",
        "username": "payments_b",
        "password": credentials.password,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"host": "elsewhere"},
        {"port": "3306"},
        {"engine": "postgres"},
        {"username": "root"},
        {"username": "payments_c"},
        {"username": None},
        {"password": ""},
        {"password": f"{CANARY}\u20ac"},
        {"password": [CANARY]},
    ],
)
def test_what_is_not_this_functions_own(settings: Settings, change: dict[str, Any]) -> None:
    document = json.loads(compose(settings, Credentials("payments_a", CANARY))) | change
    with pytest.raises(SecretValueError) as refusal:
        parse_own(json.dumps(document), settings, "here")
    assert [problem.key for problem in refusal.value.problems] == list(change)
    assert CANARY not in str(refusal.value)


@pytest.mark.parametrize(("key", "longest"), [("username", 32), ("password", 256)])
def test_the_shortest_and_the_longest(key: str, longest: int) -> None:
    document = {"username": "u", "password": "p"}
    for length in (1, longest):
        found = parse_credentials(json.dumps(document | {key: "x" * length}), "here")
        assert getattr(found, key) == "x" * length
    for length in (0, longest + 1):
        with pytest.raises(SecretValueError):
            parse_credentials(json.dumps(document | {key: "x" * length}), "here")


@pytest.mark.parametrize("text", [f"user:{CANARY}", f'["{CANARY}"]', "[" * 100_000, ""])
def test_what_is_no_object(text: str) -> None:
    with pytest.raises(SecretValueError) as refusal:
        parse_credentials(text, "here")
    assert CANARY not in "".join(traceback.format_exception(refusal.value))


def test_credentials_do_not_show_their_password() -> None:
    assert CANARY not in repr(Credentials("payments_a", CANARY))


def test_passwords() -> None:
    passwords = [generate() for _ in range(200)]
    assert len(set(passwords)) == len(passwords)
    for password in passwords:
        kinds = Counter("punctuation" if not c.isalnum() else c.isdigit() or c.isupper() for c in password)
        assert len(password) == LENGTH
        assert kinds.keys() == {"punctuation", True, False}
        assert any(c.isdigit() for c in password)
        assert any(c.isupper() for c in password)
    assert set("".join(passwords)) <= set(ALPHABET)


def test_passwords_cannot_be_guessed() -> None:
    """Neither tried through, nor is there a class that always has the same place."""
    assert LENGTH * math.log2(len(ALPHABET)) >= 190
    first = [generate()[0] for _ in range(200)]
    assert any(character.isupper() for character in first)
    assert any(character.isdigit() for character in first)
    assert any(character in "-_.~" for character in first)


def test_errors_do_not_quote_statements(rehearsal: Rehearsal) -> None:
    """MariaDB's and MySQL's do."""
    with pytest.raises(DatabaseError, match=r"can't try: error 1064 \(PARSE_ERROR\)") as refusal:
        _with_session(rehearsal, lambda session: session.run("try", "CREATE USER x IDENTIFIED %s", CANARY))
    assert CANARY not in "".join(traceback.format_exception(refusal.value))
    assert refusal.value.__cause__ is None
    assert refusal.value.__context__ is None


def test_a_connection_that_broke_is_an_error_like_any(rehearsal: Rehearsal) -> None:
    with pytest.raises(DatabaseError, match="can't kill myself"):
        _with_session(rehearsal, lambda session: session.run("kill myself", "KILL CONNECTION_ID()"))


def _with_session(rehearsal: Rehearsal, do: Any) -> None:
    database = Database(Settings.from_environment(rehearsal.environment))
    with database.session(database.writer, Credentials(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)) as session:
        assert isinstance(session, Session)
        do(session)


def test_errors_are_json() -> None:
    error = RotationError(what="a", where="b", cause="c", fix="d")
    assert json.loads(str(error)) == {"what": "a", "where": "b", "cause": "c", "fix": "d", "problems": []}
    assert repr(error) == "RotationError('a')"
