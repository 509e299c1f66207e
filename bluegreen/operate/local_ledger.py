"""The ledger of a local deployment: its function sets it up, with the tables of the example's service."""

import json
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Protocol

import embedded_aws
from embedded_aws import LocalAws, LocalAwsError

from bluegreen.operate.databases import local
from examples.service import SCHEMA
from lambda_src.contract.values import Colour

ROTATION_SECONDS = 120.0


class Ledger(Protocol):
    """The ledger's functions, or who does the same."""

    def set_up(self) -> Any:
        """Create what is missing."""

    def status(self) -> Mapping[str, Any]:
        """`healthy`, `writer` (null: there is none yet)."""


def bring_up(aws: LocalAws, secret_arns: Mapping[str, str], ledger: Ledger | None) -> dict[Colour, str]:
    """Set up the ledger unless it is healthy; None: there is none that moves, only the service's tables.

    Returns what each colour's service is told: JSON, without passwords. `secret_arns`: of each colour's
    application, whose accounts the rotation has made. Services read them themselves, so a rotation is no
    reason to start them anew.
    """
    await_rotations(aws)
    places = local.places(aws)
    if ledger is None:
        clusters = local.of_clusters(aws)
        places = {colour: places[colour if colour in clusters else next(iter(clusters))] for colour in Colour}
        for colour in clusters:
            create_tables(aws, colour)
    else:
        found = ledger.status()
        if not found["healthy"]:
            create_tables(aws, Colour(found["writer"] or Colour.BLUE))
            ledger.set_up()
    told = {
        colour.value: {"host": place.host, "port": place.port, "ca": place.ca, "secret": secret_arns[colour]}
        for colour, place in places.items()
    }
    return {colour: json.dumps(told if ledger else {colour.value: told[colour]}) for colour in Colour}


def await_rotations(aws: LocalAws) -> None:
    """Wait until every secret that rotates has been rotated; one that failed is rotated again, once.

    The first ones begin during the apply, and one may need what another makes. Raises LocalAwsError.
    """
    client = aws.client("secretsmanager")
    pages = client.get_paginator("list_secrets").paginate()
    rotating = [
        one["ARN"]
        for page in pages
        for one in page["SecretList"]
        if one.get("RotationEnabled") and not one.get("OwningService")
    ]
    failed = [arn for arn in rotating if _ended(aws, arn)]
    for arn in failed:
        client.rotate_secret(SecretId=arn)
    for arn in failed:
        if error := _ended(aws, arn):
            raise LocalAwsError(f"the rotation of {arn} failed: {error}")


def create_tables(aws: LocalAws, writer: Colour) -> None:
    """The service's tables, on the writer, from where they replicate: applications have no DDL."""
    with local.server(aws, writer).root() as cursor:
        cursor.execute("USE payments")
        cursor.execute(SCHEMA.read_text(encoding="utf-8"))


def authority(aws: LocalAws) -> str:
    """Another one once the servers' process was started again: services that trusted the last start anew."""
    ca = local.directory(aws) / "authority.pem"
    return sha256(ca.read_bytes()).hexdigest()


def _ended(aws: LocalAws, arn: str) -> str | None:
    """How a secret's last rotation ended: None where it succeeded."""
    deadline = time.monotonic() + ROTATION_SECONDS
    while True:
        found = embedded_aws.rotation(aws, arn)
        if not found["running"]:
            error: str | None = found["error"]
            return error
        if time.monotonic() > deadline:
            return f"it has taken {ROTATION_SECONDS:.0f} s"
