"""Tags: which are required, which resources can have them, which the provider gives them."""

import re
from pathlib import Path
from typing import Any

from stack_gate.stack import Block

_EXPRESSION = re.compile(r"\$\{[\w.\[\]-]*?(\w+)\}")
_NEVER_EMPTY = frozenset({"account_id", "arn", "id", "key_id", "name", "region"})
KEYS = ("Environment", "CostCenter", "MigrationPhase")
# Resource types of the AWS provider with an argument `tags`; tests/policies/test_taggable.py keeps the list.
TAGGABLE = frozenset(Path(__file__).with_name("taggable.txt").read_text(encoding="utf-8").split())


def missing(tags: dict[str, Any]) -> list[str]:
    """The required keys that have no value."""
    return [key for key in KEYS if not _has_text(str(tags.get(key) or ""))]


def _has_text(value: str) -> bool:
    """Literal text, or an attribute that is never empty; any other expression may give nothing."""
    if _EXPRESSION.sub("", value).strip():
        return True
    return any(match[1] in _NEVER_EMPTY for match in _EXPRESSION.finditer(value))


def default_tags(provider: Block | None) -> dict[str, Any]:
    """What the provider gives to each of its resources."""
    blocks = provider.blocks("default_tags.tags") if provider else []
    return blocks[0] if blocks else {}


def provider_of(resource: Block) -> Block | None:
    """The provider block that a resource uses; None where the stack has none for it."""
    named = (
        str(resource.get("provider") or resource.type.partition("_")[0]).removeprefix("${").removesuffix("}")
    )
    return resource.stack.at(f"provider.{named.removesuffix('.default')}")
