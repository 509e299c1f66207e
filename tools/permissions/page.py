"""docs/permissions.md: the four roles, what each may do and why."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bluegreen.permissions import NAMES, Scope, role_of
from bluegreen.permissions.recording import PHASES, load
from bluegreen.permissions.statements import length
from bluegreen.terraform.bootstrap import StateBackend
from tools.permissions.sources import source_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/permissions.md"
# The page has placeholders where a deployment has its names.
SCOPE = Scope(
    account="ACCOUNT",
    region="REGION",
    prefix="PREFIX",
    path="/",
    boundary="BOUNDARY",
    tags={},
    backend=StateBackend("ACCOUNT", "REGION", "BUCKET", "PREFIX/terraform.tfstate", "alias/KEY"),
    file_systems=("FILE_SYSTEM",),
)
TEMPLATE = Path(__file__).with_name("template.md")


def page() -> str:
    """The whole document."""
    roles = [role_of(name, SCOPE) for name in NAMES]
    rows = "".join(
        f"| *{role.name}* | {NAMES[role.name]} | {len(role.policies)} | "
        f"{max(length(policy.document) for policy in role.policies):,} characters |\n"
        for role in roles
    )
    sections = "".join(_section(role.name, role.policies) for role in roles)
    text = TEMPLATE.read_text(encoding="utf-8")
    return text.replace("{roles}", rows).replace("{statements}", sections).replace("{calls}", _calls())


def _section(name: str, policies: Iterable[Any]) -> str:
    lines = [f"\n## {name}\n", "| | actions | on | if |", "|---|---|---|---|"]
    for policy in policies:
        lines += [_line(statement) for statement in policy.document["Statement"]]
    return "\n".join(lines) + "\n"


def _line(statement: Mapping[str, Any]) -> str:
    conditions = "<br>".join(
        f"`{key}` {operator} {_codes(values)}"
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    )
    effect = statement["Effect"].lower()
    return f"| {effect} | {_codes(statement['Action'])} | {_on(statement)} | {conditions} |"


def _on(statement: Mapping[str, Any]) -> str:
    if "NotResource" in statement:
        return f"all but {_codes(statement['NotResource'])}"
    return _codes(statement["Resource"])


def _codes(values: Any) -> str:
    listed = values if isinstance(values, list) else [values]
    return ", ".join(f"`{value}`" for value in listed)


def _calls() -> str:
    """What is needed besides the action of the same name, and since when: the table of sources."""
    lines = [
        "\n## Calls that need other actions than their own\n",
        "| action | needed by | why | source |",
        "|---|---|---|---|",
    ]
    for action, operations in sorted(differing().items()):
        why, source = source_of(action) or ("", "")
        lines.append(f"| `{action}` | {_codes(sorted(operations))} | {why} | {source} |")
    return "\n".join([*lines, "", *_phases()])


def differing() -> dict[str, set[str]]:
    """Action → the calls of another name that needed it."""
    found: dict[str, set[str]] = {}
    for row in load():
        others = {one for one in row.operations if one.lower() != row.action.partition(":")[2].lower()}
        if others:
            found.setdefault(row.action, set()).update(others)
    return found


def _phases() -> Iterator[str]:
    """How much each phase needs."""
    rows = load()
    yield "| phase | permissions | of these, in no other phase |\n|---|---|---|"
    for phase in PHASES:
        own = [row for row in rows if phase in row.phases]
        yield f"| {phase} | {len(own)} | {sum(row.phases == (phase,) for row in own)} |"
    yield ""
