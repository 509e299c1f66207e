"""Sessions with the database end, and the server gives up before its client."""

import pytest

from lambda_src.rotation.database import Database
from lambda_src.rotation.errors import DatabaseError
from lambda_src.rotation.models import Credentials
from lambda_src.rotation.settings import Settings
from tests.lambda_src.rotation.rehearsal import Rehearsal
from tests.lambda_src.rotation.server import ADMINISTRATOR, ADMINISTRATOR_PASSWORD

WHO = Credentials(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)


@pytest.fixture
def database(rehearsal: Rehearsal) -> Database:
    return Database(Settings.from_environment(rehearsal.environment))


def test_a_session_is_closed_at_the_end_of_its_block(database: Database) -> None:
    with database.session(database.writer, WHO) as session:
        assert session.run("ask for one", "SELECT 1") == [(1,)]
    with pytest.raises(DatabaseError, match="ask once more"):
        session.run("ask once more", "SELECT 1")


def test_a_statement_does_not_outlive_its_client(database: Database) -> None:
    """One that waited for a lock longer than the client waits for it could undo a later rotation."""
    with database.session(database.writer, WHO) as session:
        ((waits,),) = session.run("ask", "SELECT @@SESSION.lock_wait_timeout")
        assert 0 < waits < vars(session._connection)["_read_timeout"]
        ((commits,),) = session.run("ask", "SELECT @@SESSION.autocommit")
        assert commits == 1
