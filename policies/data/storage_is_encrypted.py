"""Databases are encrypted."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy
from policies.data._databases import DATABASES


class StorageIsEncrypted(ResourcePolicy):
    policy = "CKV_BG_122"
    title = "The storage of each database is encrypted"
    requirement = "R18"
    pci = "3.5.1"
    profiles = ("general",)
    severity = "CRITICAL"
    why = (
        "Snapshots and copies of it hold cardholder data in plain text, and encrypting it later takes"
        " a new cluster"
    )
    fix = "set storage_encrypted = true"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        if not is_true(resource.get("storage_encrypted")):
            yield "has storage that is not encrypted"


check = StorageIsEncrypted()
