"""`bluegreen ledger setup`: makes the two databases one ledger."""

from safe_io import say

from bluegreen.cli.ledger.place import functions, reporting
from bluegreen.cli.ledger.recording import record_writer
from bluegreen.cli.options import DEFAULT, DeploymentOption
from bluegreen.cli.terminal import waiting


def setup(*, deployment: DeploymentOption = DEFAULT) -> None:
    """Create what is missing: replication, accounts, triggers, the row. It can be repeated at any time.

    Examples:
        bluegreen ledger setup
    """
    found = functions(deployment)
    with reporting(), waiting("setting up the ledger"):
        writer = found.set_up()["writer"]
        record_writer(deployment)
    say(f"The ledger of {deployment} is set up: {writer} is the writer.")
