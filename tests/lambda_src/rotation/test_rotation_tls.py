"""Nobody but the database gets a password, and nobody gets one in plain text."""

import ssl
from pathlib import Path

import pytest

from bluegreen.operate.databases.certificates import Authority
from lambda_src.rotation.database import Database
from lambda_src.rotation.errors import ConfigurationError, DatabaseError
from lambda_src.rotation.models import Step
from lambda_src.rotation.settings import Settings
from tests.lambda_src.rotation.downgrade import in_front_of
from tests.lambda_src.rotation.rehearsal import CURRENT, Rehearsal

# Leads to 127.0.0.1 as the server's certificate says, which does not name it like this.
ANOTHER_NAME = "127.1"


def refused(rehearsal: Rehearsal, deployed: Rehearsal, why: str) -> None:
    """A rotation as `deployed` fails with DatabaseError and has changed nothing that anybody uses."""
    current = rehearsal.rotate_announced()
    accounts, value = rehearsal.accounts(), rehearsal.value()
    token = rehearsal.announce()
    deployed.step(Step.CREATE, token)
    for step in (Step.SET, Step.TEST, Step.FINISH):
        with pytest.raises(DatabaseError, match=why):
            deployed.step(step, token)
    assert rehearsal.accounts() == accounts
    assert rehearsal.holder(CURRENT) == current
    assert rehearsal.logs_in(value)


def test_a_certificate_of_another_authority(rehearsal: Rehearsal, stranger: Authority) -> None:
    refused(rehearsal, rehearsal.having(CA_BUNDLE=str(stranger.path)), "certificate verify failed")


def test_the_bundle_is_the_only_authority(rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what the machine trusts besides."""
    monkeypatch.setenv("SSL_CERT_FILE", str(rehearsal.server.authority.path))
    refused(
        rehearsal,
        rehearsal.having(CA_BUNDLE="rotation/rds-ca-bundle.pem"),
        "certificate verify failed",
    )


def test_a_certificate_of_another_host(rehearsal: Rehearsal) -> None:
    refused(rehearsal, rehearsal.having(DB_HOST=ANOTHER_NAME), "certificate is not valid for '127.1'")


def test_a_server_that_seems_to_have_no_tls_is_told_nothing(rehearsal: Rehearsal) -> None:
    with in_front_of(rehearsal.server.port) as downgrade:
        refused(rehearsal, rehearsal.having(DB_PORT=str(downgrade.port)), "SSL is required")
    assert len(downgrade.said) == 3
    assert set(downgrade.said) == {b""}


def test_no_old_version_of_tls(rehearsal: Rehearsal) -> None:
    database = Database(Settings.from_environment(rehearsal.environment))
    assert database._tls.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_bundle_without_certificates(rehearsal: Rehearsal, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="CA_BUNDLE can't be read"):
        rehearsal.having(CA_BUNDLE=str(empty)).step(Step.CREATE, rehearsal.announce())
