"""What a task is started with: the environment of its container, as the platform's task definition has it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from examples.service.ledger import Place

COLOURS = ("blue", "green")
REQUIRED = (
    *("COLOUR", "PORT", "SESSION_TABLE", "DATABASE_HOST", "DATABASE_PORT", "DATABASE_NAME"),
    *("DATABASE_SECRET_ARN", "DATABASE_USERNAME", "DATABASE_PASSWORD", "CA_BUNDLE"),
)
# No proxy: endpoints in the VPC answer for AWS.
CALLS = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3}, proxies={})


@dataclass(frozen=True)
class Settings:
    """`places`: by colour where the ledger may be; without a replicated ledger there is one.

    `secrets`: by colour the ARN of the credentials. `stop_seconds` of SIGTERM's time are for payments in
    flight: less than `stop_timeout_seconds` of the configuration. `acquirer`: its URL; None: payments are
    written without being authorised. `acquirer_ca`: file of the authorities that sign for it.
    """

    colour: str
    address: str
    port: int
    table: str
    region: str
    places: Mapping[str, Place]
    secrets: Mapping[str, str]
    namespace: str
    log_level: str
    stop_seconds: float
    acquirer: str | None
    acquirer_ca: str | None

    @classmethod
    def of(cls, told: Mapping[str, str]) -> Settings:
        """Read them. Ends the process where one is missing or no level of logging."""
        if missing := [name for name in REQUIRED if not told.get(name)]:
            raise SystemExit(f"error: {', '.join(missing)}: not in the environment")
        level = told.get("LOG_LEVEL", "info").upper()
        if level not in logging.getLevelNamesMapping():
            raise SystemExit("error: LOG_LEVEL: debug, info, warning or error")
        acquirer = told.get("ACQUIRER_URL") or None
        if acquirer and not (urlsplit(acquirer).scheme == "https" and urlsplit(acquirer).hostname):
            raise SystemExit("error: ACQUIRER_URL: a URL that begins with https://")
        colour, arn, port = told["COLOUR"], told["DATABASE_SECRET_ARN"], told["DATABASE_PORT"]
        own = Place(told["DATABASE_HOST"], int(port), told["CA_BUNDLE"], database=told["DATABASE_NAME"])
        places = {
            name: replace(own, host=host, port=int(told.get(f"{name.upper()}_DATABASE_PORT", port)))
            for name in COLOURS
            if (host := told.get(f"{name.upper()}_DATABASE_HOST"))
        }
        places[colour] = own.with_login(told["DATABASE_USERNAME"], told["DATABASE_PASSWORD"])
        return cls(
            colour=colour,
            address=told.get("BIND_ADDRESS", "0.0.0.0"),  # noqa: S104 - the security group admits
            port=int(told["PORT"]),
            table=told["SESSION_TABLE"],
            region=arn.split(":")[3],
            places=places,
            secrets={name: told.get(f"{name.upper()}_DATABASE_SECRET_ARN", arn) for name in places},
            namespace=told.get("METRICS_NAMESPACE", "Payments"),
            log_level=level,
            stop_seconds=float(told.get("STOP_SECONDS", "25")),
            acquirer=acquirer,
            acquirer_ca=told.get("ACQUIRER_CA_BUNDLE") or None,
        )

    def read_secret(self, arn: str) -> str:
        """The current value: the task's role may read it."""
        client: Any = boto3.client("secretsmanager", region_name=self.region, config=CALLS)
        value: str = client.get_secret_value(SecretId=arn)["SecretString"]
        return value

    def place(self, colour: str, value: str) -> Place:
        """A colour's database, with the credentials of its secret's value."""
        login = json.loads(value)
        return self.places[colour].with_login(login["username"], login["password"])
