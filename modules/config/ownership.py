"""A service names resources of this account and region, and none of a deployment's own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from modules.config.access_rights import is_owned, reaches
from modules.config.colours import Colour
from modules.config.registry import parse_image
from modules.config.variables import stored

PREFIX = "payments-"
# Secrets and parameters of this deployment, or of another: a colour's, or the switch's records.
OWNED = re.compile(rf":secret:{PREFIX}[a-z0-9-]+/(?:blue|green)/|:parameter/{PREFIX}[a-z0-9-]+/")
SHOWN = 3  # of what a statement would allow


@dataclass(frozen=True)
class Place:
    """Where the deployment is, and what the names of its resources begin with."""

    prefix: str
    region: str
    account: str


def problems(colour: Colour, here: Place) -> Iterator[tuple[str, str]]:
    """(key, what is wrong with its value), for each resource that the service may not name."""
    service = colour.service
    for key, arns in _named(colour).items():
        if foreign := [arn for arn in arns if arn.split(":")[3:5] != [here.region, here.account]]:
            yield key, f"{', '.join(foreign)} is not of account_id {here.account} and region {here.region}"
    for container in service.containers:
        image = parse_image(container.image)
        if (image.region, image.account_id) != (here.region, here.account):
            yield (
                "service.containers",
                (
                    f"the image of {container.name} is of account_id {image.account_id} and "
                    f"region {image.region}"
                ),
            )
    if owned := [arn for arn in stored(service.injected) if OWNED.search(arn)]:
        yield "service.secrets", f"{', '.join(owned)} belongs to a deployment, which injects it itself"
    for use in service.uses:
        if is_owned(use.arn, here.prefix):
            yield "service.uses", f"{use.arn} belongs to this deployment"
    for statement in service.statements:
        reached = list(reaches(statement, prefix=here.prefix, region=here.region, account=here.account))
        if reached:
            yield (
                "statements",
                (f"{statement.name} allows {', '.join(reached[:SHOWN])}, which belongs to this deployment"),
            )


def _named(colour: Colour) -> dict[str, list[str]]:
    """Key → its ARNs that say region and account. A bucket's doesn't: its statement has a condition."""
    service, snapshot = colour.service, colour.database.snapshot
    systems = service.file_systems
    granted = [arn for statement in service.statements for arn in statement.resources]
    return {
        "database.snapshot": [snapshot] if snapshot else [],
        "service.secrets": stored(service.injected),
        "service.secret_keys": list(service.secret_keys),
        "service.uses": [use.arn for use in service.uses if use.service != "s3"],
        "service.uses.key": [use.key for use in service.uses if use.key],
        "service.file_systems": [arn for each in systems for arn in (each.file_system, each.access_point)],
        "service.statements": [arn for arn in granted if arn != "*" and not arn.startswith("arn:aws:s3:::")],
    }
