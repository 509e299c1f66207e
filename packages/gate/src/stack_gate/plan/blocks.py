"""A plan as the blocks that the gate evaluates: each instance of a resource with its values resolved."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stack_gate.blocks import COMMENT, OUTSIDE_CHECKOV, Block
from stack_gate.document import END, START
from stack_gate.plan.configuration import Module
from stack_gate.plan.document import Plan, without_index
from stack_gate.plan.values import Evaluator

# What Terraform keeps to itself: a plan does not tell.
ONLY_SYNTHESIZED = ("lifecycle", "provisioner", COMMENT)
KINDS_ONLY_SYNTHESIZED = OUTSIDE_CHECKOV | {"terraform", "variable", "locals"}
# Rules that the provider reads back into the resource, where they are resources of their own.
READ_BACK = {
    "aws_security_group": (("ingress", "egress"), re.compile(r"aws_(vpc_)?security_group_\w*rule")),
    "aws_route_table": (("route",), re.compile(r"aws_route")),
    "aws_network_acl": (("ingress", "egress"), re.compile(r"aws_network_acl_rule")),
}


@dataclass(slots=True)
class PlanBlock(Block):
    """A block that Terraform calls by another name than the gate does: with an index, or in a module."""

    instance: str = ""

    @property
    def address(self) -> str:
        return self.instance or Block.address.__get__(self)


@dataclass(frozen=True)
class _Instance:
    """One resource or data source: where it is configured, and what the plan knows of it."""

    address: str
    module: Module
    block: Mapping[str, Any]
    values: Any
    unknown: Any


def split(plan: Plan, synthesized: Mapping[str, Block]) -> list[Block]:
    """Every resource that there will be, data source, provider and output. `synthesized`: address → block of
    the stack that the plan was made of, where there is one: for what a plan does not tell, and for lines.
    """
    instances = list(_instances(plan))
    labels = _labels(instances)
    variables = plan.document.get("variables") or {}
    types = {instance.block["type"] for instance in instances}
    found: list[Block] = []
    for instance in instances:
        evaluate = Evaluator(instance.module, labels, variables)
        body = evaluate.block(instance.block.get("expressions", {}), instance.values, instance.unknown)
        origin = synthesized.get(without_index(instance.address))
        body = _generated(instance, origin, types) | body | _provisioners(instance) | _untold(origin)
        found.append(_block(plan, instance, labels[instance.address], body, origin))
    root = Evaluator(Module(plan.configuration), labels, variables)
    found += [*_providers(plan, root), *_outputs(plan, root)]
    return found + [block for block in synthesized.values() if block.kind in KINDS_ONLY_SYNTHESIZED]


def _instances(plan: Plan) -> Iterator[_Instance]:
    configured = {
        module.prefix + block["address"]: (module, block)
        for module, block in Module(plan.configuration).everything()
    }
    for change in plan.changes:
        if change.remains and change.block in configured:
            yield _Instance(change.address, *configured[change.block], change.after, change.unknown)
    read = defaultdict(list)
    for address, resource in plan.prior.items():
        read[without_index(address)].append((address, resource.get("values")))
    for address, (module, block) in configured.items():
        if block["mode"] == "data":
            for instance, values in read.get(address, [(address, None)]):
                yield _Instance(instance, module, block, values, values is None)


def _labels(instances: list[_Instance]) -> dict[str, str]:
    """Address → `type.name`, different for each; also for a block with one instance."""
    found: dict[str, str] = {}
    counts = Counter(without_index(instance.address) for instance in instances)
    for number, instance in enumerate(instances):
        type_, name = instance.block["type"], instance.block["name"]
        plain = f"data.{type_}.{name}" if instance.block["mode"] == "data" else f"{type_}.{name}"
        label = plain if instance.address == plain else f"{plain}__{number}"
        found[instance.address] = label
        if counts[without_index(instance.address)] == 1:
            found[without_index(instance.address)] = label
    return found


def _block(
    plan: Plan, instance: _Instance, label: str, body: dict[str, Any], origin: Block | None
) -> PlanBlock:
    file, line = (origin.file, origin.line) if origin else (plan.path.as_posix(), 1)
    kind = "data" if instance.block["mode"] == "data" else "resource"
    labels = tuple(label.removeprefix("data.").split("."))
    return PlanBlock(kind, labels, _marked(body, line), file, line, instance.address)


def _provisioners(instance: _Instance) -> dict[str, Any]:
    found = instance.block.get("provisioners")
    return {"provisioner": [{entry["type"]: {}} for entry in found]} if found else {}


def _untold(origin: Block | None) -> dict[str, Any]:
    return {name: origin.body[name] for name in ONLY_SYNTHESIZED if name in origin.body} if origin else {}


def _generated(instance: _Instance, origin: Block | None, types: set[str]) -> dict[str, Any]:
    """Nested blocks from `dynamic`, which leaves no trace in the plan's configuration."""
    values = instance.values if isinstance(instance.values, dict) else {}
    read_back, rules = READ_BACK.get(instance.block["type"], ((), re.compile("(?!)")))
    skipped = set(read_back) if any(map(rules.fullmatch, types)) else set()
    if origin is not None:
        dynamic = origin.body.get("dynamic", {})
        parts = dynamic if isinstance(dynamic, list) else [dynamic]
        names = {name for part in parts for name in part} - {START, END}
        return {name: value for name, value in values.items() if name in names}
    return {
        name: value
        for name, value in values.items()
        if name not in skipped and isinstance(value, list) and value and isinstance(value[0], dict)
    }


def _providers(plan: Plan, root: Evaluator) -> Iterator[Block]:
    for entry in (plan.document["configuration"].get("provider_config") or {}).values():
        body = root.block(entry.get("expressions", {}), None, unknown=True)
        body |= {"alias": entry["alias"]} if "alias" in entry else {}
        yield Block("provider", (entry["name"],), _marked(body, 1), plan.path.as_posix(), 1)


def _outputs(plan: Plan, root: Evaluator) -> Iterator[Block]:
    planned = plan.document["planned_values"].get("outputs", {})
    for name, output in plan.configuration.get("outputs", {}).items():
        value = planned.get(name, {}).get("value")
        body = {key: output[key] for key in ("description", "sensitive") if key in output}
        body["value"] = root.argument(output.get("expression", {}), value, value is None)
        yield Block("output", (name,), _marked(body, 1), plan.path.as_posix(), 1)


def _marked(value: Any, line: int) -> Any:
    """With the line numbers that the gate expects in every object."""
    if isinstance(value, list):
        return [_marked(item, line) for item in value]
    if not isinstance(value, dict):
        return value
    return {START: line, END: line} | {name: _marked(item, line) for name, item in value.items()}
