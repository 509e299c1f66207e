"""What an operator needs: the aliases `operate` and `deploy` of the switch function, its read function, the
ledger's health function, the executions of the workflow, and the digests of tags. A pipeline that deploys
versions needs the alias `deploy`, and nothing else.

Source: Lambda developer guide, "Identity-based policies", resources with an alias; Step Functions developer
guide, "Data at rest encryption": DescribeExecution needs `kms:Decrypt`.
"""

from bluegreen.permissions.scope import TAG, Scope
from bluegreen.permissions.statements import Statement, allow

ALIAS, DEPLOY = "operate", "deploy"
READ = "read"


def migrating(scope: Scope) -> str:
    """The function that changes the ledger's schema, which only the role that applies may invoke."""
    return f"arn:aws:lambda:{scope.region}:{scope.account}:function:{scope.prefix}-ledger-migrate"


def migrate_statements(scope: Scope) -> list[Statement]:
    """Of who changes the ledger's schema."""
    return [allow(["lambda:InvokeFunction"], [migrating(scope)])]


def operate_statements(scope: Scope) -> list[Statement]:
    """By the names that modules/switch gives: no unqualified function, and no other alias."""
    here = f"{scope.region}:{scope.account}"
    switch = _switch(scope)
    health = f"arn:aws:lambda:{here}:function:{scope.prefix}-ledger-health"
    machine = f"{here}:stateMachine:{scope.prefix}-shift"
    executions = f"{here}:execution:{scope.prefix}-shift:*"
    key = {"kms:ViaService": f"states.{scope.region}.amazonaws.com", f"aws:ResourceTag/{TAG}": scope.prefix}
    return [
        allow(
            ["lambda:InvokeFunction"], [f"{switch}-{READ}", f"{switch}:{ALIAS}", f"{switch}:{DEPLOY}", health]
        ),
        allow(["ecr:DescribeImages"], [f"arn:aws:ecr:{here}:repository/*"]),
        allow(["states:StartExecution"], [f"arn:aws:states:{machine}"]),
        allow(["states:DescribeExecution"], [f"arn:aws:states:{executions}"]),
        allow(["kms:Decrypt"], [f"arn:aws:kms:{here}:key/*"], {"StringEquals": key}),
    ]


def deploy_statements(scope: Scope) -> list[Statement]:
    """Who may register task definitions could run anything: the function does it, for images of the
    configured repositories.
    """
    return [allow(["lambda:InvokeFunction"], [f"{_switch(scope)}:{DEPLOY}"])]


def _switch(scope: Scope) -> str:
    return f"arn:aws:lambda:{scope.region}:{scope.account}:function:{scope.prefix}-switch"
