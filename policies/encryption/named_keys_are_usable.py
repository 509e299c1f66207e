"""Each key that something names is the account's own, of its region, and can encrypt."""

import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Stack, is_false

from policies._keys import KEYS, not_customer_managed
from policies._policy import StackPolicy
from policies.platform._providers import Regions

_NAMING = re.compile(r"kms_(?:master_)?key(?:_id|_arn)?$")
_ARN = re.compile(r"arn:[\w-]+:kms:([\w-]+):")
_ENCRYPTS = (None, "ENCRYPT_DECRYPT")
_SYMMETRIC = (None, "SYMMETRIC_DEFAULT")


class NamedKeysAreUsable(StackPolicy):
    policy = "CKV2_BG_319"
    title = "Each key that is named is customer-managed, of the same region, symmetric and enabled"
    requirement = "R02"
    pci = "3.5.1"
    profiles = ("general",)
    severity = "HIGH"
    why = "The apply fails, or AWS encrypts with a key that the account neither rotates nor takes away"
    fix = "name a symmetric, enabled aws_kms_key of the resource's own region"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        regions, used = Regions(stack), set()
        for block in stack.resources():
            for path, value in _named(block.body):
                used |= {key.key for key in stack.referred(value, *KEYS)}
                if path in block.body or block.get(path) == value:
                    yield from ((block, what) for what in _foreign(block, path, value, regions))
                elif "alias/aws/" in str(value):
                    yield block, f"names a key of AWS in {path} ({value})"
        for key in stack.resources("aws_kms_key"):
            if key.key in used or any(True for _ in stack.users(key, "target_key_id", "aws_kms_alias")):
                yield from ((key, what) for what in _unable(key))


def _named(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of each argument that names a key."""
    if isinstance(value, dict):
        for key, item in value.items():
            inner = f"{path}.{key}" if path else key
            if _NAMING.search(key) and isinstance(item, str) and item:
                yield inner, item
            else:
                yield from _named(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, path)


def _foreign(block: Block, path: str, value: Any, regions: Regions) -> Iterator[str]:
    defect = not_customer_managed(block, path)
    if defect and "key of AWS" in defect:
        yield defect
    own = regions.of(block)
    found = [match[1] for match in _ARN.finditer(str(value))]
    found += [regions.of(key) for key in block.stack.referred(value, *KEYS) if "${" in str(value)]
    yield from (f"names a key of {region} in {path}" for region in found if own and region and region != own)


def _unable(key: Block) -> Iterator[str]:
    if key.get("key_usage") not in _ENCRYPTS:
        yield f"is for {key.get('key_usage')}, and can't encrypt"
    elif key.get("customer_master_key_spec") not in _SYMMETRIC:
        yield f"is {key.get('customer_master_key_spec')}, which no service encrypts with"
    if is_false(key.get("is_enabled")):
        yield "is disabled"


check = NamedKeysAreUsable()
