"""Finds a local mirror of the providers that a stack needs, for machines without a Terraform registry."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

REGISTRY = "registry.terraform.io"
OPENTOFU_REGISTRY = "registry.opentofu.org"


def find_mirror(
    stack: Path,
    platform: str,
    environment: Mapping[str, str],
    opt: Path = Path("/opt"),
    registry: str = REGISTRY,
) -> Path | None:
    """The directory to install providers from, or None to let Terraform choose.

    TF_PLUGIN_DIR is taken as it is. Terraform uses its implied mirrors by itself, as long as it isn't told of
    another one: so a directory under `opt` counts only where those lack what the stack needs. What none has
    comes from the registry. `registry`: its host.
    """
    if explicit := environment.get("TF_PLUGIN_DIR"):
        return Path(explicit).absolute()
    needed = _required_providers(stack, registry)
    if not needed:
        return None

    def holds_all(directory: Path) -> bool:
        return all(_holds(directory / source, version, platform) for source, version in needed.items())

    if any(holds_all(directory) for directory in _implied_mirrors(stack, environment)):
        return None
    return next((directory for directory in sorted(opt.glob("*")) if holds_all(directory)), None)


def _required_providers(stack: Path, registry: str) -> dict[str, str]:
    """Source address with host → exact version, of the stack's JSON."""
    needed = {}
    for file in sorted(stack.glob("*.tf.json")):
        settings = json.loads(file.read_text(encoding="utf-8")).get("terraform", {})
        for name, provider in settings.get("required_providers", {}).items():
            parts = provider.get("source", name).split("/")
            source = "/".join([registry, "hashicorp"][: 3 - len(parts)] + parts)
            needed[source] = provider.get("version", "").removeprefix("= ")
    return needed


def _holds(provider: Path, version: str, platform: str) -> bool:
    """Whether a mirror has the version, in either of the two layouts that Terraform knows."""
    packed = f"terraform-provider-{provider.name}_{version}_{platform}.zip"
    return (provider / version / platform).is_dir() or (provider / packed).is_file()


def _implied_mirrors(stack: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories"""
    home = Path(environment.get("HOME", "~")).expanduser()
    yield stack / "terraform.d" / "plugins"
    yield home / ".terraform.d" / "plugins"
    if sys.platform == "darwin":
        for library in (home / "Library", Path("/Library")):
            yield library / "Application Support" / "io.terraform" / "plugins"
        return
    data = [environment.get("XDG_DATA_HOME") or str(home / ".local" / "share")]
    data += (environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    for directory in data:
        yield Path(directory) / "terraform" / "plugins"
