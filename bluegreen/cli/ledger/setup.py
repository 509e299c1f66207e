"""`bluegreen ledger setup`: makes the two databases one ledger."""

from safe_io import say

from bluegreen.cli.ledger.place import embedded, reporting
from bluegreen.cli.options import DEFAULT, DeploymentOption
from bluegreen.cli.terminal import waiting


def setup(*, deployment: DeploymentOption = DEFAULT) -> None:
    """Create what is missing: replication, accounts, triggers, the row. It can be repeated at any time.

    Examples:
        bluegreen ledger setup
    """
    aws = embedded(deployment)
    with reporting(), waiting("setting up the ledger"):
        from bluegreen.operate import local_ledger  # noqa: PLC0415

        writer = local_ledger.set_up(aws)
    say(f"The ledger of {deployment} is set up: {writer} is the writer.")
