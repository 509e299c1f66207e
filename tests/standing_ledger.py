"""A ledger on the two servers of an embedded AWS, for tests that apply no stack."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from embedded_aws import LocalAws

from bluegreen.operate import ledger, local_ledger
from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from lambda_src.ledger import setup, status
from lambda_src.ledger.accounts import USERS, Kind
from lambda_src.ledger.models import Account
from lambda_src.ledger.setup import Member
from modules.functions import package
from modules.ledger.ledger import SOURCES

PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE ON payments.*"
CA_BUNDLE = "rotation/rds-ca-bundle.pem"
HOSTS = ("HOST", "READER_HOST")


def bring_up(aws: LocalAws, secret_arns: Mapping[str, str]) -> str:
    """Set it up without its functions; the services' accounts are those of these secrets."""
    _administrators(aws)
    create_applications(aws, secret_arns)
    return local_ledger.bring_up(aws, secret_arns, _Direct(aws))[Colour.BLUE]


def create_applications(aws: LocalAws, secret_arns: Mapping[str, str]) -> None:
    """The services' accounts, as their rotation makes them."""
    for colour, account in local.applications(aws, secret_arns).items():
        local.server(aws, colour).create_account(account.username, account.password, PRIVILEGES)


def deploy(aws: LocalAws, role: str, control_table: str) -> dict[str, str]:
    """The ledger's functions, as the stack has them, on servers that run; the stack's outputs of them."""
    client = aws.client("secretsmanager")
    administrators = _administrators(aws)
    own, made = {}, {}
    for colour, account in administrators.items():
        own[colour] = _secret(client, f"standing/{colour}/administrator", account)
        for kind in Kind:
            user = Account(f"{USERS[kind]}_a", secrets.token_urlsafe(24))
            made[colour, kind] = _secret(client, f"standing/{colour}/{kind}", user)
    hosts = {f"{c.upper()}_{name}": place.host for c, place in local.places(aws).items() for name in HOSTS}
    port = str(local.places(aws)[Colour.BLUE].port)
    common = {"DB_PORT": port, "CA_BUNDLE": CA_BUNDLE}
    readers = {name: host for name, host in hosts.items() if name.endswith("READER_HOST")}
    places = {name: host for name, host in hosts.items() if name not in readers}
    of_setup = {f"{c.upper()}_{kind.upper()}_SECRET_ARN": arn for (c, kind), arn in made.items()}
    environments = {
        ledger.SETUP: ("setup", own, readers | of_setup | {"BINLOG_RETENTION_HOURS": "72"}),
        ledger.HEALTH: ("watch", {c: made[c, Kind.HEALTH] for c in Colour}, {}),
        ledger.MOVER: ("move", {c: made[c, Kind.MOVER] for c in Colour}, {}),
        ledger.MIGRATE: (
            "migrate",
            {c: made[c, Kind.MIGRATOR] for c in Colour},
            {"CONTROL_TABLE": control_table},
        ),
    }
    return {
        output: aws.client("lambda").create_function(
            FunctionName=f"ledger-{duty}",
            Runtime="python3.13",
            Role=role,
            Handler=f"{SOURCES.get(duty, 'ledger')}.handler.handler",
            Code={"ZipFile": package.build(SOURCES.get(duty, "ledger")).path.read_bytes()},
            Timeout=180,
            MemorySize=256,
            Environment={
                "Variables": {
                    "DUTY": duty,
                    **common,
                    **places,
                    **{f"{c.upper()}_SECRET_ARN": arn for c, arn in arns.items()},
                    **more,
                }
            },
        )["FunctionArn"]
        for output, (duty, arns, more) in environments.items()
    }


@dataclass(frozen=True)
class _Direct:
    """What the functions do, in this process, as the administrators."""

    aws: LocalAws

    def set_up(self) -> object:
        administrators = local.administrators(self.aws)
        return setup.run(
            {
                colour: Member(
                    place,
                    administrators[colour],
                    {kind: Account(f"{USERS[kind]}_a", secrets.token_urlsafe(24)) for kind in Kind},
                )
                for colour, place in local.places(self.aws).items()
            }
        )

    def status(self) -> Mapping[str, Any]:
        return status.read(local.places(self.aws), local.administrators(self.aws)).to_json()


def _administrators(aws: LocalAws) -> dict[Colour, Account]:
    """As RDS makes them for a new cluster, with its database."""
    found = local.administrators(aws)
    for colour, account in found.items():
        server = local.server(aws, colour)
        server.create_database("payments")
        server.create_administrator(account.username, account.password)
    return found


def _secret(client: Any, name: str, account: Account) -> str:
    value = json.dumps({"username": account.username, "password": account.password})
    arn: str = client.create_secret(Name=name, SecretString=value)["ARN"]
    return arn
