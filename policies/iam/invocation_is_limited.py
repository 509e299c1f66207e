"""Not everybody may call a function."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy

_LIMITS = ("source_account", "source_arn", "principal_org_id")
_SERVICE = ".amazonaws.com"


class InvocationIsLimited(ResourcePolicy):
    policy = "CKV_BG_244"
    title = "No function may be called by everybody, nor by a service on anybody's behalf"
    requirement = None
    pci = "7.3.3"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "Who calls the switch moves the traffic; a service that acts for any account is open to all of them"
    fix = (
        "name the caller: a principal with source_account or source_arn in aws_lambda_permission, "
        'authorization_type = "AWS_IAM" in aws_lambda_function_url'
    )
    types = ("aws_lambda_permission", "aws_lambda_function_url")

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == "aws_lambda_function_url":
            if resource.get("authorization_type") != "AWS_IAM":
                yield "takes calls from the internet without authorization"
            return
        limited = any(resource.get(argument) for argument in _LIMITS)
        if resource.get("principal") == "*" and not limited:
            yield "lets everybody call the function"
        elif str(resource.get("principal")).endswith(_SERVICE) and not limited:
            yield f"lets {resource.get('principal')} call the function on behalf of any account"


check = InvocationIsLimited()
