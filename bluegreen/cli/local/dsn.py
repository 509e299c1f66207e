"""`bluegreen local dsn`: where a colour's database is, for other tools."""

from typing import Annotated
from urllib.parse import quote

import typer
from safe_io import exact

from bluegreen.cli.connect import outputs
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.ledger.place import embedded
from bluegreen.cli.local.answering import CONNECTIONS
from bluegreen.cli.options import DEFAULT, DeploymentOption, Side


def dsn(
    *,
    colour: Annotated[Side, typer.Option("--colour", help="Whose database.")],
    admin: Annotated[bool, typer.Option("--admin", help="As its administrator, not as the service.")] = False,
    deployment: DeploymentOption = DEFAULT,
) -> None:
    """Print mysql://user:password@host:port/database?ca=FILE. It holds a password of this run."""
    aws = embedded(deployment)
    # Imported here: the database driver takes a while to load.
    from bluegreen.operate.databases import local  # noqa: PLC0415
    from lambda_src.ledger.models import DATABASE, Colour  # noqa: PLC0415

    if admin:
        account = local.administrators(aws)[Colour(colour)]
    else:
        info = outputs(Deployment(deployment), aws.environment(), (CONNECTIONS,))[CONNECTIONS]
        account = local.applications(aws, {side.value: info[side]["secret_arn"] for side in Side})[
            Colour(colour)
        ]
    place = local.places(aws)[Colour(colour)]
    login = f"{quote(account.username, safe='')}:{quote(account.password, safe='')}"
    exact(f"mysql://{login}@{place}/{DATABASE}?ca={quote(place.ca)}\n")
