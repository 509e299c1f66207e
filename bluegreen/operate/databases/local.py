"""The databases of a local deployment: held by its embedded AWS, and where its clusters' endpoints lead.

Both listen at MySQL's port, each on a loopback address of its own, which follows from the embedded AWS's
port: no two running deployments share one.
"""

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import embedded_aws
from embedded_aws import LocalAws

from bluegreen.operate.databases import pair, programs
from bluegreen.operate.databases.server import Root
from lambda_src.contract.values import Colour
from lambda_src.ledger.models import Account, Endpoint

ROOT = Path(__file__).resolve().parents[3]
MODULE = "bluegreen.operate.databases"
PORT = 3306
FIRST_HOST = 2
ADMINISTRATOR, APPLICATION = "administrator", "payments"


def start(aws: LocalAws, clusters: Mapping[str, str]) -> bool:
    """Start both servers where they don't run; returns whether they had to be.

    Raises LocalAwsError, DatabaseServerError.
    `clusters`: colour → identifier of its cluster, which from now on answers with its server's address.
    """
    programs.required()
    hosts = {colour: _host(aws, number) for number, colour in enumerate(Colour, FIRST_HOST)}
    embedded_aws.services_dir(aws).mkdir(mode=0o700, exist_ok=True)
    return embedded_aws.start_databases(
        aws,
        {identifier: hosts[Colour(colour)] for colour, identifier in clusters.items()},
        [(hosts[colour], PORT) for colour in Colour],
        module=MODULE,
        root=ROOT,
        directory=directory(aws),
        authority=directory(aws) / f"{pair.AUTHORITY}.pem",
    )


def directory(aws: LocalAws) -> Path:
    """Where the servers keep everything; gone with the embedded AWS."""
    return embedded_aws.services_dir(aws) / "databases"


def places(aws: LocalAws) -> dict[Colour, Endpoint]:
    """Where each server is. Raises OSError where they were not started."""
    found = json.loads((directory(aws) / pair.PLACES).read_text(encoding="utf-8"))
    ca = str(directory(aws) / f"{pair.AUTHORITY}.pem")
    return {colour: Endpoint(found[colour]["host"], found[colour]["port"], ca) for colour in Colour}


def of_clusters(aws: LocalAws) -> list[Colour]:
    """The colours whose server a cluster answers with: one where both share it."""
    hosts = {cluster["Endpoint"] for cluster in aws.client("rds").describe_db_clusters()["DBClusters"]}
    return [colour for colour, place in places(aws).items() if place.host in hosts]


def server(aws: LocalAws, colour: Colour) -> Root:
    """A running server, for root's statements."""
    return Root(directory(aws) / colour)


def administrators(aws: LocalAws) -> dict[Colour, Account]:
    """Each cluster's administrator, as its secret has it; without clusters, one of this machine's own."""
    found = {place.host: colour for colour, place in places(aws).items()}
    rotated = _rotated(aws)
    accounts = {}
    for cluster in aws.client("rds").describe_db_clusters()["DBClusters"]:
        if colour := found.get(cluster["Endpoint"]):
            managed = cluster.get("MasterUserSecret", {}).get("SecretArn")
            own = rotated.get(f"{cluster['DBClusterIdentifier'].removesuffix(f'-{colour}')}/{colour}")
            if arn := managed or own:
                accounts[colour] = _account(aws, arn, ADMINISTRATOR)
    return {colour: accounts.get(colour) or _own(aws, colour) for colour in Colour}


def applications(aws: LocalAws, secret_arns: Mapping[str, str]) -> dict[Colour, Account]:
    """Who each colour's service logs in as: what is in its secret."""
    return {colour: _account(aws, secret_arns[colour], APPLICATION) for colour in Colour}


def _host(aws: LocalAws, last: int) -> str:
    port = urlsplit(aws.endpoint).port or 0
    return f"127.{port >> 8}.{port & 255}.{last}"


def _account(aws: LocalAws, arn: str, username: str) -> Account:
    value = json.loads(embedded_aws.secret_value(aws, arn))  # its policy admits service and rotation only
    return Account(value.get("username", username), value["password"])


def _rotated(aws: LocalAws) -> dict[str, str]:
    """`<prefix>/<colour>` → ARN of the secret of its administrator, as modules/data/database.py names it."""
    pages = aws.client("secretsmanager").get_paginator("list_secrets").paginate()
    suffix = f"/{ADMINISTRATOR}"
    found = [one for page in pages for one in page["SecretList"] if one["Name"].endswith(suffix)]
    return {one["Name"].removesuffix(suffix): one["ARN"] for one in found}


def _own(aws: LocalAws, colour: Colour) -> Account:
    client, name = aws.client("secretsmanager"), f"bluegreen-local/{colour}/{ADMINISTRATOR}"
    value = json.dumps({"username": ADMINISTRATOR, "password": secrets.token_urlsafe(24)})
    with suppress(client.exceptions.ResourceExistsException):
        client.create_secret(Name=name, SecretString=value)
    return _account(aws, client.describe_secret(SecretId=name)["ARN"], ADMINISTRATOR)
