"""The real stack, split into several as CDKTF writes them: each reads the states of those below it."""

import json
import re
from pathlib import Path
from typing import Any

from tests.policies.harness import Document

# From the lowest: what a type belongs to. A resource stands no lower than what it refers to.
PARTS = ("network", "data", "traffic", "switch")
_TYPES = {
    "network": r"aws_(?:vpc|subnet|route|nat_|eip|internet_|security_group|flow_log|default_|kms_)",
    "data": r"aws_(?:rds|db_|dynamodb|backup)|aws_secretsmanager",
    "traffic": r"aws_(?:lb|wafv2|ecs|appautoscaling|ecr|s3)",
}
_REFERENCE = re.compile(r"\b(aws_\w+)\.([A-Za-z_][\w-]*)((?:\.\w+|\[\d+\])+)")
# What the platform file says: rooms of policies by part.
ROOMS = {
    "network": ["network", "encryption"],
    "data": ["data", "ledger", "secrets"],
    "traffic": ["traffic", "service", "firewall"],
    "switch": ["functions", "alarms", "iam", "platform", "wiring"],
}


def split(document: Document) -> dict[str, Document]:
    """Name of a stack → its document."""
    part_of = _placed(document)
    found: dict[str, Document] = {
        part: {
            "provider": document["provider"],
            "terraform": {
                **document["terraform"],
                "backend": {"local": {"path": f"../../terraform.{part}.tfstate"}},
            },
            "resource": {},
            "output": {},
        }
        for part in PARTS
    }
    for type_, bodies in document["resource"].items():
        for name, body in bodies.items():
            part = part_of[f"{type_}.{name}"]
            found[part]["resource"].setdefault(type_, {})[name] = _apart(body, part, part_of, found)
    for name, body in document["output"].items():
        part = max((part_of[key] for key in _referred(body, part_of)), key=PARTS.index, default="switch")
        found[part]["output"][name] = _apart(body, part, part_of, found)
    return found


def written(document: Document, directory: Path, assets: Path) -> Path:
    """The split stack below a directory, which is returned; beside functions' packages."""
    for part, content in split(document).items():
        place = directory / "stacks" / part
        place.mkdir(parents=True, exist_ok=True)
        (place / "cdk.tf.json").write_text(json.dumps(content, indent=1))
        if not (place / "assets").exists():
            (place / "assets").symlink_to(assets)
    return directory


def platform_file(directory: Path) -> Path:
    """Says which part holds what."""
    path = directory / "platform.toml"
    rows = [f"{part} = {json.dumps(rooms)}" for part, rooms in ROOMS.items()]
    path.write_text("\n".join(["[payments]", *rows]))
    return path


def _placed(document: Document) -> dict[str, str]:
    """Address → part: that of its type, or the highest one of what it refers to."""
    bodies = {f"{t}.{n}": body for t, found in document["resource"].items() for n, body in found.items()}
    part_of = {
        address: next((part for part, form in _TYPES.items() if re.match(form, address)), "switch")
        for address in bodies
    }
    changed = True
    while changed:  # each resource rises, and no higher than the last part
        changed = False
        for address, body in bodies.items():
            highest = max(
                [part_of[address], *(part_of[key] for key in _referred(body, part_of))], key=PARTS.index
            )
            changed |= highest != part_of[address]
            part_of[address] = highest
    return part_of


def _referred(value: Any, known: dict[str, str]) -> set[str]:
    text = json.dumps(value)
    found = {f"{match[1]}.{match[2]}" for match in re.finditer(r"\b(aws_\w+)\.([A-Za-z_][\w-]*)", text)}
    return found & known.keys()


def _apart(value: Any, part: str, part_of: dict[str, str], found: dict[str, Document]) -> Any:
    """A value whose references to lower parts go through their outputs."""
    if isinstance(value, dict):
        return {
            key: [item for item in inner if part_of.get(item, part) == part]
            if key == "depends_on"
            else _apart(inner, part, part_of, found)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_apart(item, part, part_of, found) for item in value]
    if not isinstance(value, str) or "${" not in value:
        return value

    def output(match: re.Match[str]) -> str:
        other = part_of.get(f"{match[1]}.{match[2]}", part)
        if other == part:
            return match[0]
        name = "cross-stack-output-" + re.sub(r"[^\w-]", "", match[0].replace(".", ""))
        state = f"cross-stack-reference-input-{other}"
        found[other]["output"][name] = {"value": f"${{{match[0]}}}", "sensitive": True}
        found[part].setdefault("data", {}).setdefault("terraform_remote_state", {})[state] = {
            "backend": "local",
            "config": {"path": f"../../terraform.{other}.tfstate"},
        }
        return f"data.terraform_remote_state.{state}.outputs.{name}"

    return _REFERENCE.sub(output, value)
