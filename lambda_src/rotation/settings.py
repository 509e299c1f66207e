"""The function's environment, typed. `REQUIRED_VARIABLES` is what the infrastructure has to supply: all of
it, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..common.errors import Problem, listed
from ..common.settings import SECRET, Variable, matching, number, read
from .errors import ConfigurationError
from .models import Users

# Privileges on a database that MySQL 8 and MariaDB spell alike, in information_schema too, and that let an
# application work with its data, not change its structure or pass anything on.
PRIVILEGES = frozenset(
    {"SELECT", "INSERT", "UPDATE", "DELETE", "EXECUTE", "CREATE TEMPORARY TABLES", "LOCK TABLES"}
)

# Relative paths of the environment start where the package is unpacked: /var/task in AWS.
_PACKAGE_ROOT = Path(__file__).resolve().parent.parent


def _privileges(text: str) -> tuple[str, ...] | None:
    names = tuple(text.split(","))
    return names if PRIVILEGES.issuperset(names) and len(set(names)) == len(names) else None


def _file(text: str) -> Path | None:
    path = _PACKAGE_ROOT / text
    return path if text and path.is_file() else None


_HOST = matching(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}", "a host name")

# The field of Settings has the same name in lower case.
_VARIABLES: Mapping[str, Variable] = {
    "SECRET_ARN": SECRET,
    "ADMIN_SECRET_ARN": SECRET,
    # API reference, CreateDBCluster, has the identifier; MySQL's limit for a user's name is 32.
    "DB_CLUSTER": matching(r"[A-Za-z][A-Za-z0-9-]{0,62}", "the identifier of a cluster"),
    "ADMIN_USER": matching(r"[A-Za-z][A-Za-z0-9_]{0,31}", "1 to 32 letters, digits and _, a letter first"),
    "DB_HOST": _HOST,
    "DB_READER_HOST": _HOST,
    "DB_PORT": number(1, 65535),
    # In GRANT, _ and % of a database's name are wildcards; Aurora takes letters and digits only, anyway.
    "DB_NAME": matching(r"[A-Za-z][A-Za-z0-9]{0,63}", "1 to 64 letters and digits, a letter first"),
    # MySQL's limit is 32 characters, and the two users' names are two longer.
    "APP_USER": matching(r"[a-z][a-z0-9_]{0,29}", "1 to 30 of a-z, 0-9 and _, a letter first"),
    "PRIVILEGES": (_privileges, f"a comma between each of {', '.join(sorted(PRIVILEGES))}, none twice"),
    "CA_BUNDLE": (_file, "the path of a PEM file, absolute or from the package's root"),
}
REQUIRED_VARIABLES = frozenset(_VARIABLES)


@dataclass(frozen=True)
class Settings:
    secret_arn: str  # the application's, the only one that this function rotates
    admin_secret_arn: str  # the administrator's; this function rotates it where RDS does not
    db_host: str  # the writer
    db_reader_host: str
    db_port: int
    db_name: str
    app_user: str  # what the names of both users begin with
    privileges: tuple[str, ...]  # on db_name.*, exactly these
    ca_bundle: Path
    # Where this function rotates the administrator, too: identifier, and the administrator's name.
    db_cluster: str = ""
    admin_user: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read `REQUIRED_VARIABLES`; raises ConfigurationError that names every problem at once."""
        values, problems = read(environment, _VARIABLES, [("SECRET_ARN", "ADMIN_SECRET_ARN")])
        if problems:
            raise _refusal(problems)
        return cls(**values)

    @property
    def users(self) -> Users:
        return Users.of(self.app_user)

    def of_administrator(self) -> Settings:
        """The same with the administrator's secret as the one that is rotated."""
        return _OfAdministrator(**vars(self) | {"secret_arn": self.admin_secret_arn})


class _OfAdministrator(Settings):
    @property
    def users(self) -> Users:
        return Users(self.admin_user, self.admin_user)


def _refusal(problems: list[Problem]) -> ConfigurationError:
    return ConfigurationError(
        what=listed(problems),
        where="environment of the rotation function",
        cause="the function can't know what to rotate and where, so it touches nothing",
        fix="deploy the function again with the environment that modules/data/credentials.py gives it",
        problems=problems,
    )
