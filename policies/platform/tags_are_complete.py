"""Whose it is, what for, and in which phase of the migration: every resource says so."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.platform._tags import KEYS, TAGGABLE, default_tags, missing, provider_of


class TagsAreComplete(StackPolicy):
    policy = "CKV2_BG_1"
    title = f"Every taggable resource carries {', '.join(KEYS)}"
    requirement = "R01"
    pci = "12.5.1"
    severity = "HIGH"
    why = "What is not tagged is in no inventory of the assessment, in no cost report, and of no environment"
    fix = (
        "set the tags, with values, in default_tags of the provider, and don't empty them in a "
        "resource's tags"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        taggable = [resource for resource in stack.resources() if resource.type in TAGGABLE]
        without = {r.address: missing(default_tags(provider_of(r)) | _own(r)) for r in taggable}
        for provider in [None, *stack.kind("provider")]:
            mine = [r for r in taggable if provider_of(r) is provider]
            lacking = [r for r in mine if without[r.address]]
            if len(lacking) * 2 > len(mine):  # one cause, one finding
                keys = sorted({key for resource in lacking for key in without[resource.address]})
                yield (
                    provider,
                    f"leaves {len(lacking)} resources without {', '.join(keys)}, {lacking[0].address} is one",
                )
                continue
            for resource in lacking:
                yield resource, f"carries no {', '.join(without[resource.address])}"


def _own(resource: Block) -> dict[str, object]:
    return next(iter(resource.blocks("tags")), {})


check = TagsAreComplete()
