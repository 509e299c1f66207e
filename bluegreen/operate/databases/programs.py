"""Where MariaDB's programs are: on this machine, or unpacked by `make setup` into this checkout."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

UNPACKED = Path(__file__).resolve().parents[3] / ".tools" / "mariadb"
# Where Debian keeps servers; a user's PATH may lack it.
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
LACK = "no MariaDB server"
FIX = "run `make setup`, or install mariadbd and mariadb-install-db (Debian: apt-get install mariadb-server)"


class DatabaseServerError(Exception):
    """A database server of this machine can't be set up or does not start."""


@dataclass(frozen=True)
class Programs:
    """`server` and `install`: paths of mariadbd and mariadb-install-db. `basedir`: of an unpacked one.

    `environment`: what both run with.
    """

    server: str
    install: str
    environment: dict[str, str]
    basedir: Path | None = None


def find() -> Programs | None:
    """The machine's own programs, else the unpacked ones; None without either."""
    environment = {**os.environ, "PATH": PATH}
    server, install = (shutil.which(name, path=PATH) for name in ("mariadbd", "mariadb-install-db"))
    if server and install:
        return Programs(server, install, environment)
    basedir = UNPACKED / "usr"
    unpacked = basedir / "sbin" / "mariadbd", basedir / "bin" / "mariadb-install-db"
    if not all(program.is_file() for program in unpacked):
        return None
    libraries = os.pathsep.join(str(folder) for folder in sorted(basedir.glob("lib/*-linux-*")))
    return Programs(str(unpacked[0]), str(unpacked[1]), environment | {"LD_LIBRARY_PATH": libraries}, basedir)


def required() -> Programs:
    """As `find`; raises DatabaseServerError without any."""
    found = find()
    if found is None:
        raise DatabaseServerError(f"{LACK} on this machine\n  fix: {FIX}")
    return found
