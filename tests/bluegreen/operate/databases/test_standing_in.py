"""Servers of this machine stand for the clusters of an embedded AWS: endpoint, administrator, authority."""

import time
from collections.abc import Iterator
from pathlib import Path

import embedded_aws
import pytest
from embedded_aws import LocalAws
from embedded_aws.functions.packages import unpack

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from lambda_src.ledger.database import session
from lambda_src.ledger.errors import StatementError
from lambda_src.ledger.models import Account
from modules.functions import package

MANAGED = {"ManageMasterUserPassword": True}
CLUSTERS = {"blue": "standing-blue", "green": "standing-green"}


@pytest.fixture(scope="module")
def standing(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with embedded_aws.running(tmp_path_factory.mktemp("standing") / "deployment") as aws:
        local.start(aws, CLUSTERS)
        yield aws


def logs_in(aws: LocalAws, colour: Colour, account: Account) -> bool:
    try:
        with session(local.places(aws)[colour], account, "payments") as connected:
            return bool(connected.value("look", "SELECT DATABASE()") == "payments")
    except StatementError:
        return False


def test_a_new_cluster_has_its_administrator_and_database_on_its_own_server(standing: LocalAws) -> None:
    rds = standing.client("rds")
    for colour, identifier in CLUSTERS.items():
        rds.create_db_cluster(
            DBClusterIdentifier=identifier,
            Engine="aurora-mysql",
            DatabaseName="payments",
            MasterUsername="administrator",
            **(
                {"ManageMasterUserPassword": True}
                if colour == "blue"
                else {"MasterUserPassword": "CANARY-first"}
            ),
        )
    managed = local.administrators(standing)[Colour.BLUE]
    given = Account("administrator", "CANARY-first")
    assert logs_in(standing, Colour.BLUE, managed)
    assert logs_in(standing, Colour.GREEN, given)
    assert not logs_in(standing, Colour.GREEN, managed)
    rds.modify_db_cluster(
        DBClusterIdentifier=CLUSTERS["green"], MasterUserPassword="CANARY-second", ApplyImmediately=True
    )
    assert logs_in(standing, Colour.GREEN, given)  # RDS sets it later
    second = Account("administrator", "CANARY-second")
    deadline = time.monotonic() + 10
    while not logs_in(standing, Colour.GREEN, second):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert not logs_in(standing, Colour.GREEN, given)
    for colour in CLUSTERS:
        # It did not cross: each cluster gets its own.
        executed = local.server(standing, Colour(colour)).ask("SHOW BINLOG EVENTS")
        assert not [event for event in executed if "administrator" in str(event)]


def test_a_bundle_of_amazons_authorities_has_that_of_the_servers(tmp_path: Path) -> None:
    """Any other certificate in a package stays alone, and another authority is another unpacked package."""
    built = package.build("rotation")
    authority = "-----BEGIN CERTIFICATE-----\nCANARY\n-----END CERTIFICATE-----\n"
    content, bundle = built.path.read_bytes(), "lambda_src/rotation/rds-ca-bundle.pem"
    plain, extended = (
        unpack(content, built.code_sha256, tmp_path / "code", added) for added in ("", authority)
    )
    assert "CANARY" not in (plain / bundle).read_text()
    assert (extended / bundle).read_text().endswith(authority)
    assert (extended / bundle).read_text().startswith((plain / bundle).read_text())
    assert unpack(content, built.code_sha256, tmp_path / "code", authority) == extended
    changed = [
        found.relative_to(extended)
        for found in extended.rglob("*")
        if found.is_file() and found.read_bytes() != (plain / found.relative_to(extended)).read_bytes()
    ]
    assert changed == [Path(bundle)]
