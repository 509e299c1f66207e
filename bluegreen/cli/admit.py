"""`bluegreen admit`: drafts the waivers that admit what no policy knows."""

import json
from collections.abc import Mapping
from typing import Any

import typer

from bluegreen.cli.options import Output, OutputOption, PoliciesOption, StacksArgument
from bluegreen.cli.project import root
from bluegreen.cli.terminal import show, waiting
from bluegreen.pack import PACK


def admit(
    directory: StacksArgument = None,
    *,
    policies: PoliciesOption = None,
    output: OutputOption = Output.text,
) -> None:
    """Draft the waivers that admit a stack's blocks of types that no policy knows. It writes nothing.

    An entry belongs in its block's `//`, in the code that synthesizes it. Owner, comment (the reason) and
    expires (a date, 400 days ahead at most) are empty: until they are filled in, a scan ends with 2.

    Exit code 0: the entries are drafted, or there is nothing to admit; 2: a stack can't be evaluated. As
    JSON: `stacks` (name, then what is merged into its Terraform JSON), `reasons`, `errors`.

    Examples:
        bluegreen admit cdktf.out/stacks/local
    """
    from stack_gate.admission import draft  # noqa: PLC0415 - importing this module has to be cheap

    with waiting("looking for what no policy knows"):
        found = draft(directory or root() / "cdktf.out", policies=PACK if policies is None else policies)
    errors = [{"message": problem.message, "fix": problem.fix} for problem in found.errors]
    show({"stacks": found.stacks, "reasons": found.reasons, "errors": errors}, output, _view)
    if errors:
        raise typer.Exit(2)


def _view(result: Mapping[str, Any]) -> Any:
    from rich.console import Group  # noqa: PLC0415 - as above
    from safe_io import Text  # noqa: PLC0415 - as above

    lines = [Text(f"{error['message']}\n  fix: {error['fix']}", style="red") for error in result["errors"]]
    if not result["stacks"] and not lines:
        lines.append(Text("There is nothing to admit: some policy knows each block.", style="green"))
    for stack, fragment in result["stacks"].items():
        reasons = result["reasons"][stack]
        lines.append(
            Text(f"{stack}: {len(reasons)} to admit. Fill in owner, comment and expires:", style="bold")
        )
        lines += [Text(f"  {address} {reason}") for address, reason in reasons.items()]
        lines += [Text(line) for line in json.dumps(fragment, indent=2).splitlines()]
    return Group(*lines)
