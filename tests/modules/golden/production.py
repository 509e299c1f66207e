"""The synthesized `production` as a file to review: every change of what is built shows in a diff.

    make generated

writes it anew. It is the stack's JSON, sorted, with the documents inside it (policies, the dashboard, the
state machine) unfolded, and without what says nothing of the topology: constructs' metadata, and the hashes
of the functions' code.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.workspaces import stack_of, synthesize, with_shipped_configuration

GOLDEN = Path(__file__).with_suffix(".json")
_PACKAGE = re.compile(r"assets/[\w-]+/[0-9A-F]{32}/(\w+)-[0-9a-f]{16}\.zip")


def reviewed() -> dict[str, Any]:
    """The golden file's content."""
    document: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return document


def readable(value: Any) -> Any:
    """The same JSON as it stands in the golden file."""
    if isinstance(value, dict):
        return {
            key: "(hash of the code)" if key == "source_code_hash" else readable(inner)
            for key, inner in value.items()
            if key != "//"
        }
    if isinstance(value, list):
        return [readable(inner) for inner in value]
    if isinstance(value, str):
        return _document(value) or _PACKAGE.sub(r"(package of \1)", value)
    return value


def blocks(document: dict[str, Any]) -> dict[str, Any]:
    """By address, such as `resource.aws_vpc.network_vpc_1234ABCD` or `output.region`."""
    found: dict[str, Any] = {}
    for kind, content in document.items():
        for name, block in content.items():
            if kind in {"resource", "data"}:
                found |= {f"{kind}.{name}.{id_}": inner for id_, inner in block.items()}
            else:
                found[f"{kind}.{name}"] = block
    return found


def main() -> None:
    """Rewrite the golden file. Exits with the synthesis' message if that fails."""
    with tempfile.TemporaryDirectory() as directory:
        workspace = with_shipped_configuration(Path(directory))
        result = synthesize(workspace, DEPLOYMENT="production")
        if result.returncode != 0:
            sys.exit(result.stderr)
        document = readable(stack_of(workspace, "production"))
    GOLDEN.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _document(text: str) -> dict[str, Any] | None:
    """The JSON object that a string holds, or None."""
    if not text.startswith("{"):
        return None
    try:
        return {"(json)": readable(json.loads(text))}
    except ValueError:
        return None


if __name__ == "__main__":
    main()
