"""Root outputs of a stack, each under exactly its name."""

from collections.abc import Mapping

from cdktf import TerraformOutput
from constructs import Construct


def outputs(scope: Construct, values: Mapping[str, tuple[object, str]]) -> None:
    """Root outputs, name → (value, description), each under exactly its name, whatever the scope."""
    for name, (value, description) in values.items():
        output = TerraformOutput(scope, f"output-{name}", value=value, description=description)
        output.override_logical_id(name)
