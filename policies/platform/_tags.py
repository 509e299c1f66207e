"""Tags: which are required, which resources can have them, which the provider gives them."""

from pathlib import Path
from typing import Any

from stack_gate.stack import Block

KEYS = ("Environment", "CostCenter", "MigrationPhase")
# Resource types of the AWS provider with an argument `tags`; tests/policies/test_taggable.py keeps the list.
TAGGABLE = frozenset(Path(__file__).with_name("taggable.txt").read_text(encoding="utf-8").split())


def missing(tags: dict[str, Any]) -> list[str]:
    """The required keys that have no value."""
    return [key for key in KEYS if not str(tags.get(key) or "").strip()]


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
