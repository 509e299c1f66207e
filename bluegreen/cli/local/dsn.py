"""`bluegreen local dsn`: where a colour's database is, for other tools."""

from typing import Annotated
from urllib.parse import quote

import typer
from safe_io import exact

from bluegreen.cli.connect import outputs
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.ledger.place import embedded
from bluegreen.cli.local.answering import CONNECTIONS
from bluegreen.cli.options import DEFAULT, DeploymentOption
from lambda_src.contract.values import Colour


def dsn(
    *,
    colour: Annotated[Colour, typer.Option("--colour", help="Whose database.")],
    admin: Annotated[bool, typer.Option("--admin", help="As its administrator, not as the service.")] = False,
    deployment: DeploymentOption = DEFAULT,
) -> None:
    """Print mysql://user:password@host:port/database?ca=FILE. It holds a password of this run.

    Examples:
        bluegreen local dsn --colour blue
    """
    aws = embedded(deployment)
    # Imported here: the database driver takes a while to load.
    from bluegreen.operate.databases import local  # noqa: PLC0415
    from lambda_src.ledger.models import DATABASE  # noqa: PLC0415

    if admin:
        account = local.administrators(aws)[colour]
    else:
        info = outputs(Deployment(deployment), aws.environment(), (CONNECTIONS,))[CONNECTIONS]
        account = local.applications(aws, {each.value: info[each]["secret_arn"] for each in Colour})[colour]
    place = local.places(aws)[colour]
    login = f"{quote(account.username, safe='')}:{quote(account.password, safe='')}"
    exact(f"mysql://{login}@{place}/{DATABASE}?ca={quote(place.ca)}\n")
