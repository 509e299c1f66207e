"""Starts the services behind the local load balancer, as `bluegreen local` does."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import embedded_aws
from embedded_aws import LocalAws

from bluegreen.operate import local_ledger

ROOT = Path(__file__).resolve().parents[3]
MODULE = "bluegreen.operate.service"


def start(
    aws: LocalAws,
    colour: str,
    targets: Iterable[tuple[str, int]],
    *,
    table: str,
    region: str,
    databases: str,
    variables: Mapping[str, str] | None = None,
) -> bool:
    """Start a colour's service where it doesn't run; returns whether it had to be.

    `targets`: address and port of each, as registered; `table`: name of the session table; `databases`: what
    `local_ledger.bring_up` returns of the colour; `variables`: those of its task definition.
    """
    settings = {
        "table": table,
        "region": region,
        "databases": databases,
        "variables": json.dumps(variables or {}, sort_keys=True),
        "state": str(aws.state_dir.resolve()),
        "authority": local_ledger.authority(aws),
    }
    return embedded_aws.start_service(aws, colour, targets, module=MODULE, root=ROOT, settings=settings)
