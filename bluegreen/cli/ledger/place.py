"""From the options of a verb to the databases of a deployment."""

from collections.abc import Iterator
from contextlib import contextmanager

from embedded_aws import LocalAws

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment, is_local
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode


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


@contextmanager
def reporting() -> Iterator[None]:
    """The ledger's errors as the command line's. The driver is loaded here: it takes a while."""
    from lambda_src.ledger import errors  # noqa: PLC0415

    codes = {
        errors.DatabaseUnreachableError: ExitCode.UNREACHABLE,
        errors.NotSetUpError: ExitCode.UNREACHABLE,
        errors.NotReadyError: ExitCode.REFUSED,
        errors.MoveRefusedError: ExitCode.REFUSED,
    }
    try:
        yield
    except errors.LedgerError as error:
        cause = "".join(
            f"\n  {name}: {text}" for name, text in (("cause", error.cause), ("state", error.state)) if text
        )
        code = codes.get(type(error), ExitCode.INCOMPLETE)
        raise CommandError(
            code, f"{error.what}{cause}", error.fix or "run `bluegreen ledger status`"
        ) from error
