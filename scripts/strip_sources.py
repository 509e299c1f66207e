"""Empties `_meta.sources` of each Pipfile.lock and the index of its packages: the locks fit whatever index a
machine uses.
"""

import json
import sys
from pathlib import Path


def main(path: Path) -> None:
    """Rewrites the lock file in place."""
    lock = json.loads(path.read_text(encoding="utf-8"))
    lock["_meta"]["sources"] = []
    for section in ("default", "develop"):
        for package in lock[section].values():
            package.pop("index", None)
    path.write_text(json.dumps(lock, indent=4, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        main(Path(argument))
