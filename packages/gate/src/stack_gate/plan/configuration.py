"""The configuration inside a plan: its blocks, also those of modules, and which refers to which."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stack_gate.plan.document import without_index

# Type → arguments that name what a resource without tags is a part of, or what it connects.
PART_OF: Mapping[str, tuple[str, ...]] = {
    "aws_iam_role_policy": ("role",),
    "aws_iam_role_policy_attachment": ("role",),
    "aws_secretsmanager_secret_policy": ("secret_arn",),
    "aws_secretsmanager_secret_rotation": ("secret_id",),
    "aws_vpc_security_group_egress_rule": ("security_group_id", "referenced_security_group_id"),
    "aws_vpc_security_group_ingress_rule": ("security_group_id", "referenced_security_group_id"),
}
_NOT_RESOURCES = frozenset({"count", "each", "local", "path", "self", "terraform"})


@dataclass(frozen=True)
class Module:
    """One module call. `prefix`: of its addresses, "" or `module.name.`; `parent` is None at the root."""

    body: Mapping[str, Any]
    prefix: str = ""
    parent: "Module | None" = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def child(self, name: str) -> "Module | None":
        call = self.body.get("module_calls", {}).get(name)
        if call is None:
            return None
        return Module(
            call.get("module", {}), f"{self.prefix}module.{name}.", self, call.get("expressions", {})
        )

    def everything(self) -> Iterator[tuple["Module", Mapping[str, Any]]]:
        """Each block of a resource or data source in this module and below."""
        for resource in self.body.get("resources", ()):
            yield self, resource
        for name in self.body.get("module_calls", {}):
            child = self.child(name)
            if child is not None:
                yield from child.everything()

    def resolve(self, references: Iterable[str]) -> set[str]:
        """Addresses of the blocks that stand behind references written in this module."""
        plain = [without_index(reference) for reference in references]
        found: set[str] = set()
        for reference in plain:
            parts = reference.split(".")
            if parts[0] == "module":
                whole = not any(other.startswith(f"{reference}.") for other in plain)
                found |= self._module(parts) if len(parts) > 2 or whole else set()  # noqa: PLR2004
            elif parts[0] == "var":
                argument = self.arguments.get(parts[1])
                found |= self.parent.resolve(references_in(argument)) if self.parent and argument else set()
            elif parts[0] not in _NOT_RESOURCES:
                found.add(self.prefix + ".".join(parts[: 3 if parts[0] == "data" else 2]))
        return found

    def _module(self, parts: list[str]) -> set[str]:
        child = self.child(parts[1])
        if child is None:
            return set()
        if len(parts) == 2:  # noqa: PLR2004 - the whole module, as in depends_on
            return {module.prefix + block["address"] for module, block in child.everything()}
        output = child.body.get("outputs", {}).get(parts[2], {})
        return child.resolve(references_in(output.get("expression")))


def references_in(expressions: Any) -> list[str]:
    """Every reference in an expression or in the expressions of a block."""
    if isinstance(expressions, list):
        return [reference for item in expressions for reference in references_in(item)]
    if not isinstance(expressions, dict):
        return []
    found = list(expressions.get("references", ()))
    if "constant_value" in expressions:  # what is in there are values, whatever their keys
        return found
    inner = (value for name, value in expressions.items() if name != "references")
    return found + [reference for item in inner for reference in references_in(item)]


def references(root: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Block → blocks that it refers to. Indices of count and for_each are left out."""

    def named(block: Mapping[str, Any]) -> list[str]:
        counted = [block.get("count_expression"), block.get("for_each_expression")]
        return references_in(block.get("expressions")) + references_in(counted)

    return _resolved(root, named)


def ordered(root: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """Block → blocks that have to be there before it (`depends_on`)."""
    return _resolved(root, lambda block: list(block.get("depends_on", ())))


def _resolved(
    root: Mapping[str, Any], named: Callable[[Mapping[str, Any]], list[str]]
) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for module, block in Module(root).everything():
        address = module.prefix + block["address"]
        found[address] = frozenset(module.resolve(named(block)) - {address})
    return {
        address: frozenset(other for other in others if other in found) for address, others in found.items()
    }


def wholes(root: Mapping[str, Any]) -> dict[str, set[str]]:
    """Block → blocks that it is a part of, or connects (PART_OF)."""
    return {
        module.prefix + block["address"]: module.resolve(
            reference
            for argument in PART_OF[block["type"]]
            for reference in references_in(block.get("expressions", {}).get(argument))
        )
        for module, block in Module(root).everything()
        if block["type"] in PART_OF
    }
