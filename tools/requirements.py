"""`python -m tools.requirements` writes docs/requirements.md from docs/requirements.toml and the policies."""

import tomllib
from pathlib import Path

from bluegreen.cli.policies import Row, manifest
from bluegreen.pack import PACK

ROOT = Path(__file__).parents[1]
DATA = ROOT / "docs/requirements.toml"
PAGE = ROOT / "docs/requirements.md"
HEAD = """<!-- Written by `make generated` from docs/requirements.toml and the policies. -->

# Requirements

Each requirement, the policies that report its absence, the clause of PCI DSS 4.0.1 that those policies
serve, and the tests that show it. P1 to P5 are requirements of the tool, so no policy judges them.

| Id | What must be true | Policies | PCI DSS 4.0.1 | Tests |
| --- | --- | --- | --- | --- |"""


def page(requirements: dict[str, dict[str, object]], policies: list[Row]) -> str:
    """The Markdown document. `requirements`: id → {"text": str, "tests": [path from the project's root]}."""
    rows = [_row(name, facts, policies) for name, facts in requirements.items()]
    return "\n".join([HEAD, *rows]) + "\n"


def _row(name: str, facts: dict[str, object], policies: list[Row]) -> str:
    guards = [policy for policy in policies if policy["requirement"] == name]
    links = [f"[{policy['policy']}](policies.md#{policy['policy'].lower()})" for policy in guards]
    clauses = sorted({policy["pci"] for policy in guards if policy["pci"]})
    tests = facts["tests"]
    assert isinstance(tests, list)  # noqa: S101 - the type of this file's own data
    files = [f"[{Path(test).stem}](../{test})" for test in tests]
    return f"| {name} | {facts['text']} | {', '.join(links)} | {', '.join(clauses)} | {', '.join(files)} |"


def main() -> None:
    PAGE.write_text(page(tomllib.loads(DATA.read_text("utf-8")), manifest(PACK)), "utf-8")


if __name__ == "__main__":
    main()
