"""Finds what OpenTofu may not understand in synthesized stacks: whatever is not known to be in both.

    python -m tools.terrain.terraform_only [DIRECTORY]

DIRECTORY holds stacks; by default `cdktf.out/stacks`. Exit code 0: nothing was found; 1: a finding, or no
stack. Sources: OpenTofu's documentation of its language (https://opentofu.org/docs/language/) and, for what
is not there, Terraform's (https://developer.hashicorp.com/terraform/language).
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# In OpenTofu 1.11, with "Ephemeral Resources" and "Write-only attributes". Not there, for example: `action`
# blocks and `action_trigger`.
_TOP = frozenset(("//", "check", "data", "ephemeral", "import", "locals", "module", "moved", "output"))
_TOP |= {"provider", "removed", "resource", "terraform", "variable"}
_SETTINGS = frozenset(("backend", "provider_meta", "required_providers", "required_version"))
_BACKENDS = frozenset(("local", "s3"))
_LIFECYCLE = frozenset(("create_before_destroy", "ignore_changes", "prevent_destroy", "replace_triggered_by"))
_LIFECYCLE |= {"postcondition", "precondition"}
_OUTPUT = frozenset(("depends_on", "description", "precondition", "sensitive", "value"))
# The stacks call none. Add one after a look at OpenTofu's list of functions.
_FUNCTIONS: frozenset[str] = frozenset()
_INTERPOLATION = re.compile(r"(?<!\$)\$\{([^}]*)\}")
_CALL = re.compile(r"([\w:]+)\(")
_TERRAFORM_REGISTRY = "registry.terraform.io/"


def findings(stack: Mapping[str, Any]) -> list[str]:
    """Each thing by its path of keys, and why it was found."""
    settings = stack.get("terraform", {})
    found = [f"{key}: not a block of OpenTofu" for key in stack.keys() - _TOP]
    found += [f"terraform.{key}: not a setting of OpenTofu" for key in settings.keys() - _SETTINGS]
    found += [f"terraform.backend.{key}: not tried" for key in settings.get("backend", {}).keys() - _BACKENDS]
    for name, provider in settings.get("required_providers", {}).items():
        if provider.get("source", "").startswith(_TERRAFORM_REGISTRY):
            found.append(f"terraform.required_providers.{name}: a registry that OpenTofu may not use")
    for name, output in stack.get("output", {}).items():
        found += [f"output.{name}.{key}: not an argument of OpenTofu" for key in output.keys() - _OUTPUT]
    for kind, name, resource in _resources(stack):
        for key in resource.get("lifecycle", {}).keys() - _LIFECYCLE:
            found.append(f"{kind}.{name}.lifecycle.{key}: not an argument of OpenTofu")
    texts = _texts({key: value for key, value in stack.items() if key != "//"})
    called = {name for text in texts for part in _INTERPOLATION.findall(text) for name in _CALL.findall(part)}
    return sorted([*found, *(f"{name}(): not a function known in both" for name in called - _FUNCTIONS)])


def _resources(stack: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for group in ("resource", "data"):
        for kind, resources in stack.get(group, {}).items():
            for name, resource in resources.items():
                yield kind, name, resource


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from _texts(child)


def main(directory: Path) -> int:
    """Prints the findings."""
    stacks = sorted(directory.glob("*/cdk.tf.json"))
    if not stacks:
        sys.stderr.write(f"error: no stack in {directory}\n  fix: run `make synth`\n")
        return 1
    lines = [
        f"{file.parent.name}: {finding}\n"
        for file in stacks
        for finding in findings(json.loads(file.read_text(encoding="utf-8")))
    ]
    sys.stdout.write("".join(lines) or "nothing is only Terraform's\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(Path(*sys.argv[1:2] or ["cdktf.out/stacks"])))
