"""Has the switch record which colour is the ledger's writer, where no move has recorded it yet."""

from bluegreen.cli.connect import connect, connect_machine
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.ledger.place import functions
from bluegreen.cli.terminal import notice
from bluegreen.operate import ledger_moves
from bluegreen.operate.client import SwitchError

REASON = "records the writer"


def try_to_record_writer(deployment: str) -> None:
    """Says so where it fails: the plan guard then protects both databases."""
    try:
        record_writer(deployment)
    except SwitchError as error:
        notice(f"the ledger's writer was not recorded: {error}")


def record_writer(deployment: str) -> None:
    """By a move to the writer itself, which moves nothing. Raises SwitchError."""
    place = Deployment(deployment)
    switch = connect(place)
    record = switch.invoke({"action": "status"}).get("ledger")
    if record is None or record["writer"] is not None:
        return
    writer = functions(deployment).status()["writer"]
    if writer is not None:
        machine = connect_machine(place, switch.access)
        ledger_moves.follow(machine, ledger_moves.start(switch, machine, writer, REASON))
