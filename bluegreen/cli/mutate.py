"""`bluegreen mutate`: how good a pack of policies is, measured by defects put into a real stack."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from bluegreen.cli.options import Output, OutputOption, PoliciesOption, StacksArgument
from bluegreen.cli.project import root
from bluegreen.cli.terminal import minutely, show
from bluegreen.cli.views.mutate import mutate_view
from bluegreen.pack import PACK
from bluegreen.terraform import Progress


def mutate(
    directory: StacksArgument = None,
    *,
    policies: PoliciesOption = None,
    sample: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="At most so many mutants, of as many arguments as possible."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Which sample.")] = 0,
    output: OutputOption = Output.text,
) -> None:
    """Change a stack's arguments, a single one at a time, and show which changes no policy notices.

    Operators: drop, widen, redirect, detach, invert, indirect. Every second mutant has other names, and its
    value is behind a local. Checkov's own checks are not asked. Nothing is written.

    Exit code 0: each mutant was noticed; 1: some survived, or a policy complains of the other names alone;
    2: the stack or the policies can't be evaluated. As JSON: `mutants`, `possible`, `noticed`,
    `noticed_there` (on the changed block), `score`, `guarded_score` (of arguments that a policy depends on),
    `operators`, `policies`, `unguarded` (arguments of which no policy noticed any change), `survived`
    (changes of the other arguments), `alarms`, `errors`.

    Examples:
        bluegreen mutate cdktf.out/stacks/local --sample 20   # exit code 1: some survive
    """
    from stack_gate.mutation import mutate as run  # noqa: PLC0415 - importing this module has to be cheap

    with _progress() as tell:
        result = run(
            directory or root() / "cdktf.out",
            policies=PACK if policies is None else policies,
            today=datetime.now(UTC).date(),
            sample=sample,
            seed=seed,
            progress=tell,
        )
    show(result.content(), output, mutate_view)
    raise typer.Exit(int(result.exit_code))


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """How many are done: all the time on a terminal, once a minute elsewhere."""
    import safe_io as out  # noqa: PLC0415 - as above

    console = out.console()
    if not out.on_terminal(console):
        out.notice("loading the policies")
        say = minutely("mutants")
        yield lambda done, total: say(Progress(done=done, total=total))
        return
    with console.status(out.Text("loading the policies")) as status:
        yield lambda done, total: status.update(out.Text(f"mutants: {done} of {total}"))
