"""CDK for Terraform and its successor, CDK Terrain: the same API, under other names."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec

from trimmed_bindings.errors import BindingsError


@dataclass(frozen=True)
class Toolkit:
    """The names of a toolkit's packages."""

    core: str
    """Of `App`, `TerraformStack` and the like; Python's name and jsii's."""
    provider: str
    """Of the AWS provider's bindings, as Python imports them."""
    distribution: str
    """Of the same, as pip installs them."""
    assembly: str
    """Of the same, as jsii loads them."""


CDKTF = Toolkit("cdktf", "cdktf_cdktf_provider_aws", "cdktf-cdktf-provider-aws", "@cdktf/provider-aws")
TERRAIN = Toolkit("cdktn", "cdktn_provider_aws", "cdktn-provider-aws", "@cdktn/provider-aws")
TOOLKITS: Mapping[str, Toolkit] = {toolkit.core: toolkit for toolkit in (CDKTF, TERRAIN)}


def installed_toolkit(name: str) -> Toolkit:
    """The toolkit whose core package is called so. Raises BindingsError unless it is known and installed."""
    if name not in TOOLKITS:
        raise BindingsError(f"{name!r} is not a toolkit; use one of: {', '.join(TOOLKITS)}")
    toolkit = TOOLKITS[name]
    for package in (toolkit.core, toolkit.provider):
        if find_spec(package) is None:
            raise BindingsError(f"the package {package} is not installed in this Python environment")
    return toolkit
