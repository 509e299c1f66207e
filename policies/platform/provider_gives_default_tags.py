"""The entry point tags everything."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.platform._providers import aws
from policies.platform._tags import KEYS, default_tags, missing


class ProviderGivesDefaultTags(StackPolicy):
    policy = "CKV2_BG_34"
    title = "The provider's default_tags has the required tags"
    requirement = "R34"
    pci = "12.5.1"
    severity = "MEDIUM"
    why = "The next resource carries no tags, unless its author adds them"
    fix = f"set default_tags of the aws provider to {', '.join(KEYS)}, from the entry point's configuration"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        providers = aws(stack)
        if not providers:
            yield None, "configures no aws provider"
        for provider in providers:
            if keys := missing(default_tags(provider)):
                yield provider, f"gives no {', '.join(keys)}"


check = ProviderGivesDefaultTags()
