"""From the options of a verb to the ledger's functions of a deployment."""

from collections.abc import Iterator
from contextlib import contextmanager

from embedded_aws import LocalAws

from bluegreen.cli.connect import connect, outputs, running_aws
from bluegreen.cli.deployment import Deployment, is_local
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.operate import ledger
from bluegreen.operate.client import FunctionFailedError
from bluegreen.operate.ledger import LedgerFunctions


def embedded(deployment: str) -> LocalAws:
    """The embedded AWS that holds the databases. Raises CommandError."""
    place = Deployment(deployment)
    if not is_local(place.document()):
        raise CommandError(
            ExitCode.INVALID,
            f"the databases of {deployment} admit security groups of its network only, not this machine",
            'name a deployment whose configuration says `backend.type = "local"`',
        )
    return running_aws(place)


def functions(deployment: str) -> LedgerFunctions:
    """Of a deployment that is applied. Raises CommandError, LocalAwsError, TerraformError."""
    place = Deployment(deployment)
    switch = connect(place)
    return ledger.of(outputs(place, switch.environment, ledger.NEEDED), switch)


@contextmanager
def reporting() -> Iterator[None]:
    """The errors of the ledger's functions as the command line's."""
    try:
        yield
    except FunctionFailedError as error:
        code = ExitCode.INCOMPLETE
        if error.error_type in ledger.REFUSALS:
            code = ExitCode.REFUSED
        elif error.error_type in ledger.UNREACHABLE:
            code = ExitCode.UNREACHABLE
        raise CommandError(code, error.message, error.fix or "run `bluegreen ledger status`") from error
