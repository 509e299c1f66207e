"""The role of each function allows what Lambda does in its name, and no call that its code never makes."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies import _iam, _rights
from policies._package import Code, UnseenError, makes
from policies._policy import ResourcePolicy
from policies._switch import is_switch

# Actions of methods that have another name, lower case. Source: Service Authorization Reference.
_METHODS = {
    "invokefunction": "invoke",
    **dict.fromkeys(("conditioncheckitem", "deleteitem", "putitem", "updateitem"), "transactwriteitems"),
}


class RolesServeTheirCode(ResourcePolicy):
    policy = "CKV_BG_462"
    title = "The role of each function allows what Lambda does in its name, and no call that its code lacks"
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    yields = True
    why = "The function does not start; or a flaw of it deletes, or reads, what it has nothing to do with"
    fix = (
        "allow the role logs, network interfaces, traces, dead letters and the key; take the action out that "
        "no code calls"
    )
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        roles = resource.stack.derived(_iam.Roles)
        statements = roles.of_function(resource)
        if not statements or is_switch(resource):
            return  # CKV_BG_234 compares the switch's, call by call
        runtime = _rights.needs(resource, Code(frozenset()))
        unseen = [arn for role in resource.refers("role", "aws_iam_role") for _, arn in roles.unseen(role)]
        for action in () if unseen else runtime.required.values():
            if not any(_iam.allows(statement, action) for statement in statements):
                yield f"has a role that does not allow {action}, which Lambda needs"
        granted = {action for one in statements if _iam.is_allow(one) for action in _iam.actions(one)}
        for action in sorted(action for action in granted if action.lower() not in runtime.allowed):
            name = action.partition(":")[2].lower()
            try:
                used = makes(resource, name) or makes(resource, _METHODS.get(name, name))
            except UnseenError:
                return
            if not used:
                yield f"has a role that allows {action}, which its code never calls"


check = RolesServeTheirCode()
