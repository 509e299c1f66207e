"""The blocks of the AWS provider, under every local name that the stack gives it, and their account."""

from stack_gate.stack import Block, Stack, lookup, objects

from policies._world import REGISTRY

SOURCE = "hashicorp/aws"


def sources(stack: Stack) -> dict[str, str]:
    """Local name → source, without the public registry's host, of each provider that the stack requires."""
    found = {}
    for name, said in _required(stack, "source").items():
        source = (said or name).removeprefix(REGISTRY)
        found[name] = source if "/" in source else f"hashicorp/{source}"
    return found


def versions(stack: Stack) -> dict[str, str]:
    """Local name → version constraint of each provider that the stack requires; "" where it has none."""
    return _required(stack, "version")


def _required(stack: Stack, key: str) -> dict[str, str]:
    return {
        name: next((str(entry.get(key) or "") for entry in objects(given)), "")
        for block in stack.kind("terraform")
        for required in block.blocks("required_providers")
        for name, given in required.items()
    }


def local_name(provider: Block) -> str:
    """Without its alias."""
    return provider.name.partition(".")[0]


def aws(stack: Stack) -> list[Block]:
    """Every block of the AWS provider."""
    names = {"aws"} | {name for name, source in sources(stack).items() if source == SOURCE}
    return [provider for provider in stack.kind("provider") if local_name(provider) in names]


def roles(body: dict[str, object]) -> list[object]:
    """What a provider or a backend takes on: role_arn, or assume_role blocks."""
    names = ("assume_role", "assume_role_with_web_identity")
    inner = [entry for name in names for entry in objects(body.get(name))]
    return [role for entry in [body, *inner] if (role := lookup(entry, "role_arn"))]


class Regions:
    """In which region each resource is."""

    def __init__(self, stack: Stack) -> None:
        self._of = {block.name: str(block.get("region") or "") for block in aws(stack)}
        self._default = next((region for name, region in self._of.items() if "." not in name), "")

    def of(self, block: Block) -> str:
        """By its own argument, or its provider's."""
        named = str(block.get("provider") or "").replace("${", "").replace("}", "")
        return str(block.get("region") or self._of.get(named) or self._default)
