"""Fast synthesis: the AWS provider's bindings, cut down to the resources that a program imports.

The stock `cdktf_cdktf_provider_aws` imports 2,135 submodules and loads a 120 MB type description, whatever is
used of it. Call `activate(source, cache=…)` before anything imports the provider: what is imported then
behaves the same, in a tenth of the time. `STOCK_BINDINGS=1` turns it off. Nothing in site-packages is
changed.
"""

from trimmed_bindings.activation import Activation, activate
from trimmed_bindings.errors import BindingsError
from trimmed_bindings.loading import loading
from trimmed_bindings.toolkits import CDKTF, TERRAIN, Toolkit, installed_toolkit

__all__ = [
    "CDKTF",
    "TERRAIN",
    "Activation",
    "BindingsError",
    "Toolkit",
    "activate",
    "installed_toolkit",
    "loading",
]
