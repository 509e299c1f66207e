"""What the platform tells: the outputs of R35. Live values are read from AWS, never written here."""

from collections.abc import Mapping

from cdktf import TerraformOutput
from constructs import Construct


def output(scope: Construct, name: str, value: object, description: str) -> None:
    """A root output under exactly this name, whatever the scope."""
    TerraformOutput(scope, f"output-{name}", value=value, description=description).override_logical_id(name)


def outputs(scope: Construct, values: Mapping[str, tuple[object, str]]) -> None:
    """Several outputs: name → (value, description)."""
    for name, (value, description) in values.items():
        output(scope, name, value, description)
