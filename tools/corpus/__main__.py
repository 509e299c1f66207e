"""`make corpus DIR…` runs the gate, profile general, over checkouts or outputs outside the repository.

Each directory is one project. Writes every finding to reports/corpus.json, where it is read once; the counts,
without any name, to tools/corpus/recorded.json, from which `make generated` takes those in docs/quality.md.
What was judged wrong is in tools/corpus/judged.toml. Exit code 1: the gate, or a policy, broke on a stack.
"""

import json
import sys
from pathlib import Path

from safe_io import notice

from tools.corpus.run import Project, counts, scanned

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("recorded.json")
FINDINGS = ROOT / "reports" / "corpus.json"


def main(directories: list[Path]) -> int:
    """The exit code."""
    if missing := [directory for directory in directories if not directory.is_dir()]:
        notice(f"error: {missing[0]} is no directory\n  fix: make corpus DIR…, each a checkout or an output")
        return 2
    if not directories:
        notice("error: no directory is given\n  fix: make corpus DIR…, each a checkout or an output")
        return 2
    projects: list[Project] = []
    for directory in directories:
        project = scanned(directory)
        notice(f"{directory}: {project.said}")
        projects.append(project)
    FINDINGS.parent.mkdir(exist_ok=True)
    FINDINGS.write_text(json.dumps([project.content() for project in projects], indent=1), encoding="utf-8")
    FILE.write_text(json.dumps(counts(projects), indent=1) + "\n", encoding="utf-8")
    notice(f"findings to read: {FINDINGS}")
    return int(any(project.broken for project in projects))


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
