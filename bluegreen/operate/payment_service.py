"""The example's payment service, as `bluegreen local` runs it behind the local load balancer."""

from collections.abc import Iterable
from pathlib import Path

import embedded_aws
from embedded_aws import LocalAws

ROOT = Path(__file__).resolve().parents[2]
MODULE = "examples.payment_service"


def start(aws: LocalAws, colour: str, targets: Iterable[tuple[str, int]], *, table: str, region: str) -> bool:
    """Start a colour's service where it doesn't run; returns whether it had to be.

    `targets`: address and port of each, as registered; `table`: name of the session table.
    """
    settings = {"table": table, "region": region, "database": str(payments_file(aws))}
    return embedded_aws.start_service(aws, colour, targets, module=MODULE, root=ROOT, settings=settings)


def payments_file(aws: LocalAws) -> Path:
    """Where the services of both colours write payments."""
    return embedded_aws.services_dir(aws) / "payments.sqlite"
