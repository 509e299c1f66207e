"""What every policy is: a Checkov check that carries its row of the manifest.

A policy file holds one class, with the attributes below, and an instance of it as its last line.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from checkov.common.checks_infra.registry import get_graph_checks_registry
from checkov.common.graph.checks_infra.base_check import BaseGraphCheck
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from stack_gate.stack import Block, Stack

from policies._accounts import Accounts


class Row:
    """The manifest row: texts that a user reads. None has a default, so that none is forgotten."""

    policy: ClassVar[str]  # CKV_BG_<n> or CKV2_BG_<n>
    title: ClassVar[str]  # what must be true
    requirement: ClassVar[str | None]  # R…, or None for an added rule
    pci: ClassVar[str]  # clause of PCI DSS 4.0.1
    why: ClassVar[str]  # what happens otherwise; a sentence
    fix: ClassVar[str]  # the exact change; begins with a verb
    # Whether it compares with the stack's own account; without one it is silent, and CKV2_BG_270 speaks.
    needs_account: ClassVar[bool] = False
    # Profiles of a scan that ask it, beside that of all. "general": of stacks that aren't blue-green.
    profiles: ClassVar[tuple[str, ...]] = ()
    # Profiles whose reports list all that it can't evaluate as a single result.
    listed_once_in: ClassVar[tuple[str, ...]] = ()
    yields: ClassVar[bool] = False  # to findings of narrower policies; see stack_gate.yielding
    # Checkov's own checks that it replaces: id → why Checkov's is wrong where this one is not.
    replaces: ClassVar[Mapping[str, str]] = {}
    reads_stack: ClassVar[bool] = True  # and nothing of Checkov's graph; see stack_gate.ungraphed

    @classmethod
    def judges(cls, stack: Stack) -> bool:
        """Whether it can say anything of the stack."""
        return not cls.needs_account or bool(stack.derived(Accounts).own)

    @classmethod
    def anchor(cls) -> str:
        """Where the policy is explained."""
        return f"docs/policies.md#{cls.policy.lower()}"

    @classmethod
    def message(cls, where: str, defects: list[str]) -> str:
        """One finding's text: what, where and why it matters."""
        return f"{where}: {'; '.join(defects)}. {cls.why}"


class ResourcePolicy(Row, BaseResourceCheck):
    """A policy on each resource of `types`; the defect sits on the resource."""

    types: ClassVar[tuple[str, ...]]
    severity: Any  # CRITICAL, HIGH, MEDIUM or LOW; Checkov declares what only its platform gives

    def __init__(self) -> None:
        super().__init__(
            self.title, self.policy, [CheckCategories.GENERAL_SECURITY], self.types, self.anchor()
        )

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        """Called by Checkov."""
        resource = _stack(self.graph).at(conf["__address__"])
        if resource is None:
            raise LookupError(f"{conf['__address__']} is not in the graph")
        defects = list(self.defects(resource)) if self.judges(resource.stack) else []
        if not defects:
            return CheckResult.PASSED
        self.details = [self.message(resource.address, defects)]
        return CheckResult.FAILED

    def defects(self, resource: Block) -> Iterator[str]:
        """What is wrong with the resource; nothing where all is well, or it is no subject of the policy."""
        raise NotImplementedError


class StackPolicy(Row, BaseGraphCheck):
    """A policy on the whole stack: something is absent, or the defect is a relation between resources."""

    severity: Any  # as above

    def __init__(self) -> None:
        super().__init__()
        self.id, self.name, self.guideline = self.policy, self.title, self.anchor()
        self.details: dict[str, str] = {}
        get_graph_checks_registry("terraform").checks.append(self)

    def run(self, graph_connector: Any) -> tuple[list[Any], list[Any], list[Any]]:
        """Called by Checkov. An empty vertex stands for the stack."""
        stack = _stack(graph_connector)
        self.details = {}
        judges = self.judges(stack)
        failed = self._vertices(stack, self.defects(stack) if judges else iter(()))
        unknown = self._vertices(stack, self.unknown(stack) if judges else iter(()))
        return ([] if {} in failed or {} in unknown else [{}]), failed, unknown

    def _vertices(self, stack: Stack, found: Iterator[tuple[Block | None, str]]) -> list[dict[str, str]]:
        """Of each block that something was found of, once; its message goes into `details`."""
        by_block: dict[str, list[str]] = {}
        for block, text in found:
            by_block.setdefault(block.key if block else "", []).append(text)
        for key, texts in by_block.items():
            where = block.address if (block := stack.at(key)) else ""
            self.details[where] = self.message(where or "the stack", texts)
        return [_vertex(stack.at(key)) for key in by_block]

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:  # noqa: ARG002 - as overridden
        """What is wrong, and with which block; None is the stack, where the block is absent."""
        yield from ()

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:  # noqa: ARG002 - as overridden
        """What can't be evaluated, and of which block: exit code 2."""
        yield from ()


def _stack(graph: Any) -> Stack:
    """The stack that the gate keeps beside Checkov's graph of it."""
    stack: Stack = graph.attrs
    return stack


def _vertex(block: Block | None) -> dict[str, str]:
    return {} if block is None else {"block_type_": block.kind, "block_name_": block.name}
