"""The function's environment."""

from pathlib import Path
from typing import get_args

import pytest

from lambda_src.rotation.errors import ConfigurationError
from lambda_src.rotation.settings import PRIVILEGES, REQUIRED_VARIABLES, Settings
from modules.config import Privilege

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:payments/blue/database-AbCdEf"
COMPLETE = {
    "SECRET_ARN": SECRET,
    "ADMIN_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf",
    "ADMIN_USER": "administrator",
    "DB_CLUSTER": "payments-local-blue",
    "DB_HOST": "payments-local-blue.cluster-abc.us-east-1.rds.amazonaws.com",
    "DB_READER_HOST": "payments-local-blue.cluster-ro-abc.us-east-1.rds.amazonaws.com",
    "DB_PORT": "3306",
    "DB_NAME": "payments",
    "APP_USER": "payments",
    "PRIVILEGES": "SELECT,CREATE TEMPORARY TABLES",
    "CA_BUNDLE": "rotation/rds-ca-bundle.pem",
}


def test_a_complete_environment() -> None:
    settings = Settings.from_environment({**COMPLETE, "PATH": "/usr/bin"})
    assert settings.db_port == 3306
    assert settings.privileges == ("SELECT", "CREATE TEMPORARY TABLES")
    assert (settings.users.first, settings.users.second) == ("payments_a", "payments_b")


def test_the_bundle_is_found_in_the_package() -> None:
    bundle = Settings.from_environment(COMPLETE).ca_bundle
    assert bundle == Path(__file__).parents[3] / "lambda_src" / "rotation" / "rds-ca-bundle.pem"


def test_an_absolute_bundle(tmp_path: Path) -> None:
    bundle = tmp_path / "own.pem"
    bundle.touch()
    assert Settings.from_environment({**COMPLETE, "CA_BUNDLE": str(bundle)}).ca_bundle == bundle


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_environment({})
    assert {problem.key for problem in refusal.value.problems} == REQUIRED_VARIABLES == COMPLETE.keys()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_ARN", "payments/blue/database"),
        ("ADMIN_SECRET_ARN", SECRET),
        ("ADMIN_USER", "1st"),
        ("ADMIN_USER", "a" * 33),
        ("DB_CLUSTER", "-blue"),
        ("DB_CLUSTER", "b" * 64),
        ("DB_HOST", ""),
        ("DB_HOST", "-h"),
        ("DB_READER_HOST", "host name"),
        ("DB_PORT", "0"),
        ("DB_PORT", "65536"),
        ("DB_PORT", "\u0663\u0663\u0660\u0666"),
        ("DB_NAME", "pay_ments"),
        ("DB_NAME", "payments`.*"),
        ("APP_USER", "a" * 31),
        ("APP_USER", "pay'ments"),
        ("PRIVILEGES", ""),
        ("PRIVILEGES", "SELECT,SELECT"),
        ("PRIVILEGES", "SELECT,DROP"),
        ("PRIVILEGES", "ALL PRIVILEGES"),
        ("PRIVILEGES", "select"),
        ("CA_BUNDLE", ""),
        ("CA_BUNDLE", "rotation"),
        ("CA_BUNDLE", "/nowhere/bundle.pem"),
    ],
)
def test_what_is_malformed_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_environment({**COMPLETE, name: value})
    assert [problem.key for problem in refusal.value.problems] == [name]


@pytest.mark.parametrize("port", ["1", "65535"])
def test_the_first_and_the_last_port(port: str) -> None:
    assert Settings.from_environment({**COMPLETE, "DB_PORT": port}).db_port == int(port)


def test_the_longest_user_has_a_place_in_mysql() -> None:
    settings = Settings.from_environment({**COMPLETE, "APP_USER": "a" * 30})
    assert len(settings.users.first) == len(settings.users.second) == 32


def test_what_can_be_configured_can_be_granted() -> None:
    assert set(get_args(Privilege)) == PRIVILEGES
