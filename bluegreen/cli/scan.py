"""`bluegreen scan`: the policy gate between synthesis and Terraform."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer

from bluegreen.cli import reports
from bluegreen.cli.options import PoliciesOption, StacksArgument, try_to_append
from bluegreen.cli.project import root
from bluegreen.pack import PACK

PATIENCE = 2.0  # seconds without a word


def scan(
    directory: StacksArgument = None,
    *,
    formats: reports.FormatsOption = None,
    policies: PoliciesOption = None,
    plan: Annotated[
        Path | None,
        typer.Option(help="Check what `terraform show -json PLANFILE` wrote, instead of a directory."),
    ] = None,
    stack: Annotated[
        Path | None,
        typer.Option(help="With --plan: the stack that was planned, if the plan is not beside it."),
    ] = None,
    protected: Annotated[
        Path | None,
        typer.Option(
            metavar="CHECKOUT",
            help="Judge by the policies and waivers of this checkout, too: that of the protected branch.",
        ),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Which of the policies: all; or general, for a stack that isn't blue-green.",
        ),
    ] = "all",
    platform: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Which stacks are one platform, and what each holds; else platform.toml beside them.",
        ),
    ] = None,
    variables: Annotated[
        Path | None,
        typer.Option(help="With --protected: append review=true or review=false to this file."),
    ] = None,
) -> None:
    """Check synthesized stacks, or a plan, against every policy: Checkov's own and the platform's.

    Exit code 0: every policy was evaluated, and passed or is waived with a reason and an expiry date;
    1: findings; 2: something kept a policy from being evaluated.

    --profile general asks about encryption, exposure, identity and secrets of any stack, and lists the types
    that no policy knows as a single result. Reports name the profile.

    Stacks that read each other's state are one platform, judged as a whole. --platform says so of others:
    a table for each platform, with a row for each of its stacks, such as payments-data = ["data", "ledger"].

    With --protected a stack that passes only by its own policies, waivers or admitted types is listed for the
    review of their owners, and does not fail.

    Examples:
        bluegreen scan cdktf.out/stacks/local
        bluegreen scan cdktf.out/stacks/local --profile general
        bluegreen scan --format text=- --format sarif=reports/scan.sarif --format junit=reports/scan.xml
    """
    if variables is not None and protected is None:
        raise typer.BadParameter("--variables goes with --protected only")
    if protected is not None and plan is not None:
        raise typer.BadParameter("--protected goes without --plan")
    if protected is not None and profile != "all":
        raise typer.BadParameter("--protected goes without --profile: it compares every policy")
    if platform is not None and plan is not None:
        raise typer.BadParameter("--platform goes without --plan: a plan is of one stack")
    if stack is not None and plan is None:
        raise typer.BadParameter("--stack goes with --plan only")
    for part in ("policies", "cdktf.out"):
        if protected is not None and not (protected / part).is_dir():
            raise typer.BadParameter(f"{protected} is no synthesized checkout: it has no {part}")
    try_to_append(variables)
    wanted = reports.targets(formats)
    today = datetime.now(UTC).date()
    import stack_gate as gate  # noqa: PLC0415 - importing this module has to be cheap

    pack = PACK if policies is None else policies
    with _status() as tell:
        if plan is None:
            place = directory or root() / "cdktf.out"
            report = gate.scan(
                place, policies=pack, today=today, progress=tell, profile=profile, platform=platform
            )
        else:
            from stack_gate.plan import scan_plan  # noqa: PLC0415 - as above

            report = scan_plan(plan, stack=stack, policies=pack, today=today, progress=tell, profile=profile)
        waiting = (
            [] if protected is None or report.exit_code else _to_review(directory, protected, tell, platform)
        )
    code = reports.write(report, wanted)
    if protected is not None and not code:
        _say_what_waits(waiting, variables)
    raise typer.Exit(code)


def _to_review(
    directory: Path | None, protected: Path, tell: Callable[[str], None], platform: Path | None
) -> list[str]:
    from bluegreen.cli.protected import to_review  # noqa: PLC0415 - as above

    today = datetime.now(UTC).date()
    return to_review(directory or root() / "cdktf.out", protected, today, tell, platform)


def _say_what_waits(waiting: list[str], variables: Path | None) -> None:
    import safe_io as out  # noqa: PLC0415 - as above

    if waiting:
        out.notice(f"{len(waiting)} pass by the lists of this change only, and wait for their owners:")
    for line in waiting:
        out.notice(f"  {line}")
    if variables is not None:
        with variables.open("a", encoding="utf-8") as outputs:
            outputs.write(f"review={str(bool(waiting)).lower()}\n")


@contextmanager
def _status() -> Iterator[Callable[[str], None]]:
    """Says on stderr what is being done, if it takes longer than PATIENCE.

    It takes a thread, from the first word that it is given: a scan starts its second process before that.
    """
    import safe_io as out  # noqa: PLC0415 - as above

    console = out.console()
    status = console.status(out.Text("scanning"))
    timer = Timer(PATIENCE, status.start if out.on_terminal(console) else lambda: out.notice("scanning"))
    timer.daemon = True

    def tell(text: str) -> None:
        status.update(out.Text(f"scanning: {text}"))
        if timer.ident is None:
            timer.start()

    try:
        yield tell
    finally:
        timer.cancel()
        if timer.ident is not None:
            timer.join()
        status.stop()
