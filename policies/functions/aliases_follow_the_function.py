"""What operators and the state machine invoke is the code that was applied."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy
from policies._switch import is_switch

FUNCTION = "aws_lambda_function"


class AliasesFollowTheFunction(ResourcePolicy):
    policy = "CKV_BG_282"
    title = "The switch function's aliases lead only to the version that an apply publishes"
    requirement = "R33"
    pci = "6.5.1"
    severity = "HIGH"
    why = "An apply then changes code, environment or gates, and the old version goes on moving traffic"
    fix = "set publish = true on the function, and function_version to the function's version"
    types = ("aws_lambda_alias",)

    def defects(self, resource: Block) -> Iterator[str]:
        functions = resource.stack.referred(resource.get("function_name"), FUNCTION)
        for function in filter(is_switch, functions):
            version = str(resource.get("function_version"))
            if function not in resource.stack.referred(version, FUNCTION) or ".version" not in version:
                yield f"leads to the version {version}, whatever {function.address} is now"
            elif not is_true(function.get("publish")):
                yield f"leads to a version of {function.address}, which publishes none"
            if any(
                routing.get("additional_version_weights") for routing in resource.blocks("routing_config")
            ):
                yield "shares its calls with another version"


check = AliasesFollowTheFunction()
