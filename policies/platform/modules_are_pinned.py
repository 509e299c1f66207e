"""A module is the code that was reviewed, whenever Terraform is initialised."""

import re
from collections.abc import Iterator
from types import MappingProxyType

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy

_LOCAL = re.compile(r"\.{1,2}/|/")
# Terraform documentation, "Module Sources": of the registry NAMESPACE/NAME/PROVIDER, perhaps with a host.
_REGISTRY = re.compile(r"(?:[\w.-]+\.[a-z]{2,}(?::\d+)?/)?[\w-]+/[\w-]+/[\w-]+(?://.*)?")
_HOSTS = (
    "github.com/",
    "bitbucket.org/",
)  # Terraform takes them for repositories, not for the registry's host
_EXACT = re.compile(r"=?\s*v?\d+\.\d+\.\d+(?:[-+][\w.-]+)?")
_COMMIT = re.compile(r"[?&]ref=[0-9a-f]{40}\b")


class ModulesArePinned(StackPolicy):
    policy = "CKV2_BG_262"
    title = "Each module is of one version of a registry, or of one commit"
    requirement = None
    pci = "6.3.2"
    profiles = ("general",)
    severity = "MEDIUM"
    why = "The next initialisation may fetch other code than was reviewed, and the apply runs it"
    fix = "set version to one version of the registry; in a Git source, ref to the full hash of a commit"
    replaces = MappingProxyType(
        {
            "CKV_TF_1": "it asks for a commit of modules from a registry, which have versions instead",
            "CKV_TF_2": "it asks for a tag where a commit is named, and takes tags that can be moved",
        }
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for module in stack.kind("module"):
            source, version = str(module.get("source") or ""), str(module.get("version") or "")
            if _LOCAL.match(source):
                continue
            if _REGISTRY.fullmatch(source) and not source.startswith(_HOSTS):
                if not _EXACT.fullmatch(version):
                    yield module, f"is of {f'the version {version}' if version else 'no version'}"
            elif not _COMMIT.search(source):
                yield module, f"is from {source or 'nowhere'}, of no commit"


check = ModulesArePinned()
