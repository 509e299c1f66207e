"""What docs/quality.md says of the corpus: counts of the last run, and what was judged wrong in the first."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("recorded.json")
JUDGED = Path(__file__).with_name("judged.toml")


def judged() -> dict[str, Any]:
    """What was read, and what of it was wrong."""
    return tomllib.loads(JUDGED.read_text(encoding="utf-8"))


def share() -> float:
    """Percent of the findings that were judged wrong."""
    found = judged()
    number: int = sum(row["findings"] for row in found["wrong"])
    return round(100 * number / int(found["read"]), 1)


def table() -> Iterator[tuple[str, ...]]:
    """Counts."""
    run: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    yield "projects", "stacks", "findings", "of the pack", "not evaluated", "broken"
    names = "projects", "stacks", "findings", "findings_of_the_pack", "not_evaluated", "broken"
    yield tuple(f"{run[name]:,}" for name in names)


def wrong() -> Iterator[tuple[str, ...]]:
    """What was judged wrong, with the share of all that was read."""
    found = judged()
    yield "judged wrong, and corrected", "findings"
    for row in found["wrong"]:
        yield f"{', '.join(row['policies'])}: {row['why']}", f"{row['findings']}"
    yield (
        f"all, of {found['read']:,} that were read: {share()} %",
        f"{sum(r['findings'] for r in found['wrong'])}",
    )
