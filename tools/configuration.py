"""`python -m tools.configuration` writes config/schema.json and docs/configuration.md from the models.

Editors read the schema through the first line of each TOML file (`#:schema schema.json`, Taplo's directive).
A JSON Schema can't compare two keys or ask whether AWS accepts a name: the loader does, at synthesis.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modules.config import Deployment

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "config/schema.json"
PAGE = ROOT / "docs/configuration.md"
Schema = dict[str, Any]
HEAD = """<!-- Written by `make generated` from the models in modules/config/. -->

# Configuration

One file `config/<name>.toml` is one deployment. Each section below is one table of the file;
`colours.<colour>` stands for `colours.blue` and `colours.green`. A synthesis reports all mistakes at once,
each with file, key, value, what is allowed and an example, and writes nothing. Editors with Taplo (VS Code:
Even Better TOML) check the same while you type, from `config/schema.json`.
"""
COLUMNS = "| Key | Type | Default | Allowed | Example |\n| --- | --- | --- | --- | --- |"


def schema() -> Schema:
    """JSON Schema (2020-12) of a deployment's file. `name` is the file's name, so no key."""
    whole = Deployment.model_json_schema()
    del whole["properties"]["name"]
    whole["required"].remove("name")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def page(whole: Schema) -> str:
    """The Markdown document: a section a table of the file, a row a key."""
    sections = [_section(path, table, whole) for path, table in _tables("", whole, whole)]
    return "\n".join([HEAD, *filter(None, sections)])


def _tables(path: str, table: Schema, whole: Schema) -> Iterator[tuple[str, Schema]]:
    yield path, table
    for key, value in table["properties"].items():
        if path == "colours" and key == "green":
            continue
        below = "<colour>" if path == "colours" else key
        if "$ref" in value.get("items", {}):
            name = f"{path}.{below}".lstrip(".")
            yield f"[{name}]", _choices(value["items"], whole)[0]
        for choice in _choices(value, whole):
            variant = choice.get("properties", {}).get("type", {}).get("const")
            name = f"{path}.{below}".lstrip(".") + (f" (type = {json.dumps(variant)})" if variant else "")
            yield from _tables(name, choice, whole) if "properties" in choice else ()


def _choices(value: Schema, whole: Schema) -> list[Schema]:
    options = value.get("oneOf") or value.get("anyOf") or [value]
    return [whole["$defs"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in options]


def _section(path: str, table: Schema, whole: Schema) -> str:
    required = set(table.get("required", ()))
    rows = [
        _row(key, value, key in required)
        for key, value in table["properties"].items()
        if not any("properties" in choice for choice in _choices(value, whole))
    ]
    if not rows:
        return ""
    title = f"## `[{path}]`" if " (" not in path else "## `[{}]` ({}".format(*path.split(" (", 1))
    return "\n".join([title if path else "## Top level", "", COLUMNS, *rows, ""])


def _row(key: str, value: Schema, required: bool) -> str:
    default = "required" if required else _code(value.get("default"))
    example = _code(value["examples"][0]) if value.get("examples") else ""
    return f"| `{key}` | {_type(value)} | {default} | {_cell(value.get('description', ''))} | {example} |"


def _type(value: Schema) -> str:
    if "enum" in value:
        return "one of the values"
    if "anyOf" in value:
        return " or ".join(_type(each) for each in value["anyOf"] if each.get("type") != "null")
    name: str = value.get("type", "string")
    return {"array": "list", "integer": "whole number", "object": "table"}.get(name, name)


def _code(value: Any) -> str:
    if value is None:
        return ""
    return f"`{_cell(json.dumps(value))}`"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def main() -> None:
    whole = schema()
    SCHEMA.write_text(json.dumps(whole, indent=2, sort_keys=True) + "\n", "utf-8")
    PAGE.write_text(page(whole), "utf-8")


if __name__ == "__main__":
    main()
