"""The tables of docs/alarms.md, from a stack. `python -m tests.documents.alarms` rewrites them."""

import re
from collections.abc import Iterator

from tests.modules.monitored import THRESHOLD, alarms
from tests.stack_reader import Resource, Stack
from tests.workspaces import ROOT, stack_of

PATH = ROOT / "docs" / "alarms.md"
END = "<!-- end -->"
COLOUR = re.compile(r"^(blue|green)-")
_NO_DATA = {"breaching": "rings", "notBreaching": "fine"}
_TARGETS = {
    "aws_sns_topic": "the topic",
    "aws_lambda_alias": "a function",
    "aws_lambda_function": "a function",
}


def tables(stack: Stack) -> dict[str, str]:
    """Name of each table → its Markdown."""
    found = alarms(stack)
    own = {COLOUR.sub("", name): alarm for name, alarm in found.items() if name.startswith("blue-")}
    shared = {name: alarm for name, alarm in found.items() if not COLOUR.match(name)}
    return {
        "colour": _alarms(own),
        "shared": _alarms(shared),
        "rules": _table(("rule", "reports", "to"), _rules(stack)),
    }


def rewritten(text: str, stack: Stack) -> str:
    """The document with the stack's tables, each between `<!-- name -->` and `<!-- end -->`."""
    for name, table in tables(stack).items():
        start = f"<!-- {name} -->\n"
        before, _, rest = text.partition(start)
        _, end, after = rest.partition(END)
        if not end:
            raise ValueError(f"docs/alarms.md: no place for the table {name}")
        text = f"{before}{start}{table}{END}{after}"
    return text


def _alarms(found: dict[str, Resource]) -> str:
    return _table(("alarm", "rings when", "threshold", "no data"), map(_row, found.items()))


def _row(item: tuple[str, Resource]) -> tuple[str, ...]:
    name, alarm = item
    description = alarm["alarm_description"]
    match = THRESHOLD.search(description)
    assert match, name
    above, limit, unit, points, periods, seconds = match.groups()
    what = re.split(r"(?<=[.?!]) ", description, maxsplit=1)[0].rstrip(".")
    threshold = f"{above} {limit} {unit}, {points} of {periods} periods of {seconds} s"
    return f"`{name}`", what, threshold, _NO_DATA[alarm["treat_missing_data"]]


def _rules(stack: Stack) -> Iterator[tuple[str, ...]]:
    prefix = stack.one("aws_backup_vault")["name"]
    for target in stack.all("aws_cloudwatch_event_target"):
        rule = stack.named(target["rule"])
        name = rule["name"].removeprefix(f"{prefix}-")
        if not name.startswith("green-"):
            text = rule["description"].replace("The blue ", "The colour's ").replace(" blue ", " colour's ")
            yield f"`{COLOUR.sub('<colour>-', name)}`", text, _TARGETS[stack.named(target["arn"]).type]


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *sorted(rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    staging = Stack(stack_of(ROOT, "staging"))
    PATH.write_text(rewritten(PATH.read_text(encoding="utf-8"), staging), encoding="utf-8")
