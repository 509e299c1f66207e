"""Database servers of this machine: TLS, none left behind, wherever their programs are."""

import os
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pymysql
import pytest

from bluegreen.operate.databases import pair, programs
from bluegreen.operate.databases.certificates import Authority
from bluegreen.operate.databases.programs import DatabaseServerError
from bluegreen.operate.databases.server import Server
from tests.workspaces import ROOT

PATIENCE_SECONDS = 30
PROGRAM = """
import sys, time
from pathlib import Path
from typing import Any
from bluegreen.operate.databases import pair
with pair.running(Path(sys.argv[1])) as servers:
    print(*(server.process.pid for server in servers.values()), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def server(_integration: None, tmp_path: Path) -> Server:
    """A server that is not installed yet, in a directory whose name is too long for a socket's, and has
    spaces.
    """
    deep = tmp_path / ("d " * 30 + "d") / ("e" * 60)
    deep.mkdir(parents=True)
    return Server(deep / "server", Authority.create(tmp_path, "authority"))


def test_it_takes_tls_only_and_is_who_its_authority_says(server: Server, tmp_path: Path) -> None:
    server.install()
    server.start()
    try:
        server.create_administrator("administrator", "CANARY-secret")
        login: dict[str, Any] = {
            "host": server.host,
            "port": server.port,
            "user": "administrator",
            "password": "CANARY-secret",
        }
        stranger = Authority.create(tmp_path, "stranger")
        for trusted, ok in ((server.authority, True), (stranger, False)):
            context = ssl.create_default_context(cafile=str(trusted.path))
            if ok:
                pymysql.connect(**login, ssl=context).close()
            else:
                with pytest.raises(pymysql.OperationalError, match="certificate"):
                    pymysql.connect(**login, ssl=context)
        with pytest.raises(pymysql.OperationalError, match=r"3159|insecure|1045"):
            pymysql.connect(**login, ssl_disabled=True)
        server.kill()
        server.start()  # with what it had
        pymysql.connect(**login, ssl=ssl.create_default_context(cafile=str(server.authority.path))).close()
    finally:
        server.kill()
    written = list(server.directory.rglob("*"))
    assert [file for file in written if file.lstat().st_mode & 0o077] == []
    assert [file for file in written if file.is_file() and b"PRIVATE KEY" in file.read_bytes()] == []


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_none_outlives_a_killed_run(server: Server, tmp_path: Path) -> None:
    del server
    run = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout
    pids = [int(pid) for pid in run.stdout.readline().split()]
    run.kill()
    run.wait()
    assert len(pids) == len(pair.COLOURS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(_alive(pid) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_server_that_cannot_start_says_why(server: Server) -> None:
    server.install()
    server.options = ("--no-such-option=1",)
    with pytest.raises(DatabaseServerError, match="no-such-option"):
        server.start()
    assert server.process
    assert server.process.poll() is not None


def test_the_machines_programs_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, unpacked = tmp_path / "own", tmp_path / "unpacked"
    for folder in (own, unpacked / "usr" / "sbin", unpacked / "usr" / "bin"):
        folder.mkdir(parents=True)
        for name in ("mariadbd", "mariadb-install-db"):
            (folder / name).touch(0o755)
    (unpacked / "usr" / "lib" / "some-linux-gnu").mkdir(parents=True)
    monkeypatch.setattr(programs, "UNPACKED", unpacked)
    monkeypatch.setattr(programs, "PATH", str(own))
    found = programs.find()
    assert found
    assert (Path(found.server).parent, found.basedir) == (own, None)
    monkeypatch.setattr(programs, "PATH", str(tmp_path))
    found = programs.find()
    assert found
    assert found.basedir == unpacked / "usr"
    assert found.environment["LD_LIBRARY_PATH"].endswith("some-linux-gnu")
    monkeypatch.setattr(programs, "UNPACKED", tmp_path)
    assert programs.find() is None
    with pytest.raises(DatabaseServerError, match="no MariaDB server on this machine"):
        programs.required()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return b"Z" not in Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
