"""Functions run on a runtime that AWS still patches."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies._switch import is_switch

# AWS Lambda developer guide, "Lambda runtimes", of those from 3.11 on.
SUPPORTED = ("python3.11", "python3.12", "python3.13", "python3.14")


class RuntimeIsSupported(ResourcePolicy):
    policy = "CKV_BG_230"
    title = (
        "Python functions run on a supported runtime, 3.11 or newer; the switch function is a Python function"
    )
    requirement = "R30"
    pci = "6.3.3"
    severity = "LOW"
    why = "AWS stops patching an old runtime, and then refuses to update functions on it"
    fix = f'set runtime = "{SUPPORTED[-2]}"'
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.get("package_type") == "Image" or resource.get("image_uri"):
            return
        runtime = str(resource.get("runtime") or "")
        if runtime in SUPPORTED:
            return
        if not _is_other(runtime) or is_switch(resource):
            yield f"has the runtime {runtime}" if runtime else "names no runtime"


def _is_other(runtime: str) -> bool:
    """Another language's; Checkov has a policy on those (CKV_AWS_363)."""
    return runtime.startswith(("nodejs", "java", "dotnet", "ruby", "go", "provided"))


check = RuntimeIsSupported()
