"""The environment of the ledger's functions, typed. `required` is what the infrastructure has to supply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..common.errors import Problem, listed
from ..common.settings import SECRET, Variable, matching, number, read
from ..contract.values import Colour
from .accounts import Kind
from .errors import NotReadyError
from .models import Endpoint

LONGEST_RETENTION_HOURS = 2160
# Relative paths of the environment start where the package is unpacked: /var/task in AWS.
_PACKAGE_ROOT = Path(__file__).resolve().parent.parent


class Duty(StrEnum):
    """What a function is for. Each has an account of its own."""

    SETUP = "setup"
    MOVE = "move"
    WATCH = "watch"
    MIGRATE = "migrate"


def _file(text: str) -> Path | None:
    path = _PACKAGE_ROOT / text
    return path if text and path.is_file() else None


_HOST = matching(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}", "a host name")
_EACH: Mapping[str, Variable] = {"HOST": _HOST, "SECRET_ARN": SECRET}
_COMMON: Mapping[str, Variable] = {
    "DUTY": (lambda text: Duty(text) if text in tuple(Duty) else None, ", ".join(Duty)),
    "DB_PORT": number(1, 65535),
    "CA_BUNDLE": (_file, "the path of a PEM file, absolute or from the package's root"),
    **{f"{colour.upper()}_{name}": variable for colour in Colour for name, variable in _EACH.items()},
}
_OF_SETUP: Mapping[str, Variable] = {
    "BINLOG_RETENTION_HOURS": number(1, LONGEST_RETENTION_HOURS),
    **{f"{colour.upper()}_READER_HOST": _HOST for colour in Colour},
    **{f"{colour.upper()}_{kind.upper()}_SECRET_ARN": SECRET for colour in Colour for kind in Kind},
}
# The lock and the history of the switch.
_OF_MIGRATE: Mapping[str, Variable] = {
    "CONTROL_TABLE": matching(r"[A-Za-z0-9_.-]{3,255}", "the name of a DynamoDB table")
}
_OWN: Mapping[str, Mapping[str, Variable]] = {Duty.SETUP: _OF_SETUP, Duty.MIGRATE: _OF_MIGRATE}


def required(duty: str) -> frozenset[str]:
    """The variables of a function with that duty: all of them, no other."""
    return frozenset({**_COMMON, **_OWN.get(duty, {})})


@dataclass(frozen=True)
class Settings:
    """`secrets`: of the account that the function logs in with; `kinds`: of the accounts that it makes."""

    duty: Duty
    places: Mapping[Colour, Endpoint]
    secrets: Mapping[Colour, str]
    readers: Mapping[Colour, str]
    kinds: Mapping[tuple[Colour, Kind], str]
    retention_hours: int
    control_table: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raises NotReadyError that names every problem at once."""
        is_setup = environment.get("DUTY") == Duty.SETUP
        values, problems = read(
            environment,
            {**_COMMON, **_OWN.get(environment.get("DUTY", ""), {})},
            [("BLUE_HOST", "GREEN_HOST"), ("BLUE_SECRET_ARN", "GREEN_SECRET_ARN")],
        )
        if problems:
            raise _refusal(problems)
        kinds = [(colour, kind) for colour in Colour for kind in Kind] if is_setup else []
        return cls(
            duty=values["duty"],
            places={
                colour: Endpoint(values[f"{colour}_host"], values["db_port"], str(values["ca_bundle"]))
                for colour in Colour
            },
            secrets={colour: values[f"{colour}_secret_arn"] for colour in Colour},
            readers={colour: values[f"{colour}_reader_host"] for colour in Colour} if is_setup else {},
            kinds={(colour, kind): values[f"{colour}_{kind}_secret_arn"] for colour, kind in kinds},
            retention_hours=values.get("binlog_retention_hours", 0),
            control_table=values.get("control_table", ""),
        )


def _refusal(problems: list[Problem]) -> NotReadyError:
    return NotReadyError(
        f"the environment of the ledger's function is incomplete: {listed(problems)}",
        cause="the function can't know which databases are the ledger's",
        state="nothing was changed",
        fix="deploy it again with the environment that modules/ledger gives it",
    )
