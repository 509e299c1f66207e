"""Views of the roles that deploy."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from safe_io import Rows, Text

from bluegreen.permissions import NAMES
from bluegreen.permissions.scope import PATH
from bluegreen.permissions.statements import length

COLUMNS = ("policy", "", "~actions", "~on", "~if")


def permissions_view(result: Mapping[str, Any]) -> RenderableType:
    """Each role with its policies: a row a statement."""
    parts: list[RenderableType] = []
    for role in result["roles"]:
        parts += [
            Text(f"{role['name']}: {NAMES.get(role['name'], '')}", style="bold"),
            Text(role["arn"], style="dim"),
        ]
        parts.append(_rows(role["policies"]))
    if result["boundary"]:
        parts += [Text("boundary: what a role of the stack can do at most", style="bold")]
        parts.append(_rows([result["boundary"]]))
    return Group(*parts)


def _rows(policies: list[Mapping[str, Any]]) -> Rows:
    table = Rows(*COLUMNS, frame=False)
    for policy in policies:
        named = f"{policy['name']} ({length(policy['document'])} characters)"
        for statement in policy["document"]["Statement"]:
            effect = "deny" if statement["Effect"] == "Deny" else "allow"
            cells = (listed(statement["Action"]), on(statement))
            table.add(named, effect, *cells, ", ".join(conditions(statement)))
            named = ""
    return table


def on(statement: Mapping[str, Any]) -> str:
    """The resources of a statement."""
    if "NotResource" in statement:
        return f"all but {listed(statement['NotResource'])}"
    return listed(statement["Resource"])


def conditions(statement: Mapping[str, Any]) -> Iterator[str]:
    """Each condition of a statement, such as `iam:PassedToService StringEquals lambda.amazonaws.com`."""
    for operator, block in statement.get("Condition", {}).items():
        for key, values in block.items():
            yield f"{key} {operator} {listed(values)}"


def listed(values: Any) -> str:
    """One value or several."""
    return ", ".join(values) if isinstance(values, list) else str(values)


def terraform_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Terraform JSON with a managed policy each, and what attaches it to its role, which exists."""
    policies: dict[str, Any] = {}
    attachments: dict[str, Any] = {}
    for role in result["roles"]:
        for policy in role["policies"]:
            name = policy["name"]
            policies[name] = _resource(policy)
            attachments[name] = {
                "role": role["arn"].rpartition("/")[2],
                "policy_arn": f"${{aws_iam_policy.{name}.arn}}",
            }
    if result["boundary"]:
        policies[result["boundary"]["name"]] = _resource(result["boundary"])
    return {"resource": {"aws_iam_policy": policies, "aws_iam_role_policy_attachment": attachments}}


def _resource(policy: Mapping[str, Any]) -> dict[str, Any]:
    # jsonencode would escape nothing here: documents hold no quotes but their own.
    import json  # noqa: PLC0415

    text = json.dumps(policy["document"]).replace("${", "$${")
    return {"name": policy["name"], "path": PATH, "policy": text}
