"""The ledger of a local deployment: set up on its two servers, with the tables of the example's service."""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256

from embedded_aws import LocalAws

from bluegreen.operate.databases import local
from examples.payment_service import SCHEMA
from lambda_src.contract.values import Colour
from lambda_src.ledger import move as moves
from lambda_src.ledger import setup, status
from lambda_src.ledger.errors import MoveRefusedError
from lambda_src.ledger.models import Account, State
from lambda_src.ledger.schema import MOVER, REPLICATION
from lambda_src.ledger.setup import Member

ATTEMPTS = 3  # of a move that was refused: it has changed nothing
PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE ON payments.*"


def read(aws: LocalAws) -> status.Status:
    """How it stands."""
    return status.read(local.places(aws), local.administrators(aws))


def set_up(aws: LocalAws) -> Colour:
    """Set up the ledger, or what is missing of it; returns its writer. Raises LedgerError.

    The passwords of replication and mover are new with each setup and kept by the servers only.
    """
    accounts = local.administrators(aws)
    for colour, account in accounts.items():
        local.server(aws, colour).create_administrator(account.username, account.password)
    members = {
        colour: Member(place, accounts[colour], replication=_new(REPLICATION), mover=_new(MOVER))
        for colour, place in local.places(aws).items()
    }
    return setup.run(members, tables=[SCHEMA.read_text(encoding="utf-8")])


def move(aws: LocalAws, target: str) -> moves.Moved:
    """Move the ledger to a colour's database, or finish such a move. Raises LedgerError.

    Where no move is in progress, every guard has to pass.
    """
    found, colour = read(aws), Colour(target)
    failing = [guard for guard in found.guards if not guard.passed]
    if found.row and found.row.state is State.OPEN and found.row.writer is not colour and failing:
        raise MoveRefusedError(
            f"the ledger was not moved to {colour}: {len(failing)} guards fail",
            cause="; ".join(f"{guard.name} of {guard.colour}: {guard.found}" for guard in failing),
            state=f"{found.row.writer} is the writer, as before",
            fix="run `bluegreen ledger status`, and correct what fails",
        )
    places, accounts = local.places(aws), local.administrators(aws)
    for left in reversed(range(ATTEMPTS)):
        try:
            return moves.run(places, accounts, colour, move_id=f"move-{secrets.token_hex(6)}")
        except MoveRefusedError:  # a payment held the row for too long, or the target was late
            if not left:
                raise
    raise AssertionError


def bring_up(aws: LocalAws, secret_arns: Mapping[str, str]) -> str:
    """Set up the ledger unless it is healthy, and let the services log in. Returns what they are told: JSON.

    On AWS, the rotation creates the services' accounts.
    """
    if not _is_healthy(aws):
        set_up(aws)
    places, told = local.places(aws), {}
    for colour, account in local.applications(aws, secret_arns).items():
        local.server(aws, colour).create_account(account.username, account.password, PRIVILEGES)
        place = places[colour]
        told[colour.value] = {
            "host": place.host,
            "port": place.port,
            "ca": place.ca,
            "username": account.username,
            "password": account.password,
        }
    return json.dumps(told)


def authority(aws: LocalAws) -> str:
    """Another one once the servers' process was started again: services that trusted the last start anew."""
    ca = local.directory(aws) / "authority.pem"
    return sha256(ca.read_bytes()).hexdigest()


def _is_healthy(aws: LocalAws) -> bool:
    return read(aws).healthy


def _new(username: str) -> Account:
    return Account(username, secrets.token_urlsafe(24))
