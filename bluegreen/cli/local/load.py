"""`bluegreen local load`: payments through the local load balancer, while traffic moves or services fail."""

import asyncio
import itertools
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import safe_io as out
import typer
from rich.live import Live

from bluegreen.cli.connect import running_aws
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.local.answering import endpoints
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output, OutputOption
from bluegreen.cli.terminal import notice, show
from bluegreen.cli.views.load import live_view, move_line, progress_line, summary_view

if TYPE_CHECKING:
    from bluegreen.operate.load.customers import Plan
    from bluegreen.operate.load.tally import Tally
    from bluegreen.operate.load.writer import WriterWatch

DURATION = re.compile(r"(\d+)(s|m|h)?")
UNITS = {None: 1, "s": 1, "m": 60, "h": 3600}
DEFAULT_DURATION = 30
LONGEST = 24 * 3600
MOST_REQUESTS = 5_000_000
LINE_SECONDS = 5


def _seconds(value: str | None) -> str | None:
    if value is not None and not (DURATION.fullmatch(value) and 0 < _parsed(value) <= LONGEST):
        raise typer.BadParameter(f"{value!r} is no duration; one is like 30s, 10m or 1h, up to 24h")
    return value


def _parsed(value: str) -> int:
    match = DURATION.fullmatch(value)
    return int(match[1]) * UNITS[match[2]] if match else 0


def load(
    *,
    rate: Annotated[
        float, typer.Option("--rate", min=0.1, max=5000, help="Requests a second, at most.")
    ] = 50,
    duration: Annotated[
        str | None,
        typer.Option("--duration", callback=_seconds, help="Such as 30s or 10m; 30s without --requests."),
    ] = None,
    requests: Annotated[
        int | None, typer.Option("--requests", min=1, max=MOST_REQUESTS, help="How many, at most.")
    ] = None,
    customers: Annotated[
        int, typer.Option("--customers", min=1, max=500, help="Who pay at the same time, a session each.")
    ] = 20,
    test: Annotated[
        bool, typer.Option("--test", help="Through the test listener: the inactive colour.")
    ] = False,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
) -> None:
    """Send payments and show who answers; Ctrl-C ends it early. Exit code 1: lost, duplicated or split.

    As JSON: `url`, `requests`, `seconds`, `rate`, `failed`, `failed_by` (colour), `outcomes` (by status),
    `latency_ms` (`p50`, `p99`), `answered_by`, `shares` (percent), `replayed` (repeated keys that got the
    same answer again), `sessions_crossed` (payments in a session that the other colour began), `timeline` (a
    second each), `moves` (of the ledger: `at`, `writer`, `epoch`, `pause_ms`, the longest time without a
    payment), `payments` (`written`, `lost`, `duplicated`, `split`, `unanswered`), `passed`.

    Examples:
        bluegreen local load --rate 20 --duration 10s
    """
    # Imported here: aiohttp takes longer to load than the rest of the command line.
    from bluegreen.operate.load.customers import Plan  # noqa: PLC0415
    from bluegreen.operate.load.writer import WriterWatch  # noqa: PLC0415

    place = Deployment(deployment)
    where = endpoints(place, running_aws(place))
    longest = _parsed(duration) if duration else LONGEST if requests else DEFAULT_DURATION
    plan = Plan(
        url=where["test_url" if test else "url"],
        certificates=Path(where["certificates"]),
        rate=rate,
        customers=customers,
        requests=requests or MOST_REQUESTS,
        duration=longest,
    )
    result = asyncio.run(_run(plan, WriterWatch(running_aws(place))))
    show(result, output, summary_view)
    if not result["passed"]:
        raise typer.Exit(ExitCode.REFUSED)


async def _run(plan: "Plan", watch: "WriterWatch") -> dict[str, Any]:
    """Send, show, and compare what was answered with what was written."""
    from bluegreen.operate.load.audit import AuditError, audit  # noqa: PLC0415
    from bluegreen.operate.load.customers import Load  # noqa: PLC0415
    from bluegreen.operate.load.tally import Tally  # noqa: PLC0415

    tally = Tally()
    load = Load(plan, tally)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, load.stop)
    running = asyncio.create_task(load.run())
    with _watching(tally) as tell:
        while not running.done():
            await asyncio.wait([running], timeout=1)
            watch.look(tally)
            tell()
    await running
    watch.look(tally)
    try:
        judged = await audit(load)
    except AuditError as error:
        raise CommandError(
            ExitCode.INCOMPLETE,
            f"{tally.requests} payments were sent, {tally.failed} failed. {error}",
            "see `bluegreen local status` and the log of the embedded AWS",
        ) from error
    return {"url": plan.url, **tally.summary(), "payments": asdict(judged), "passed": judged.passed}


@contextmanager
def _watching(tally: "Tally") -> Iterator[Callable[[], None]]:
    """Yields what is called every second: a table on a terminal, a line now and then elsewhere."""
    console = out.console()
    if out.on_terminal(console):
        with Live(console=console, auto_refresh=False) as live:
            yield lambda: live.update(live_view(tally.totals(), tally.last(), tally.moves), refresh=True)
        return
    calls, told = itertools.count(1), [0]

    def line() -> None:
        for move in tally.moves[told[0] :]:
            notice(move_line(move))
        told[0] = len(tally.moves)
        if next(calls) % LINE_SECONDS == 0:
            notice(progress_line(tally.totals(), tally.last()))

    yield line
