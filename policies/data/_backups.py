"""What AWS Backup selects. Source: AWS Backup API reference, BackupSelection."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from operator import eq
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, objects

from policies.data._databases import CLUSTER, STAND_ALONE, TABLE
from policies.platform._tags import default_tags, provider_of

PLAN = "aws_backup_plan"
VAULT = "aws_backup_vault"
# How the ARN of a resource ends, and which argument has the name in it.
_ARNS = {
    CLUSTER: ("rds", "cluster:", "cluster_identifier"),
    STAND_ALONE: ("rds", "db:", "identifier"),
    TABLE: ("dynamodb", "table/", "name"),
}
_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "string_equals": eq,
    "string_like": fnmatchcase,
    "string_not_equals": lambda value, wanted: value != wanted,
    "string_not_like": lambda value, pattern: not fnmatchcase(value, pattern),
}


class Selections:
    """The selections of one stack whose plan is in it, too."""

    def __init__(self, stack: Stack) -> None:
        self._selections = [s for s in stack.resources("aws_backup_selection") if s.refers("plan_id", PLAN)]

    def idle(self, selection: Block, *types: str) -> bool:
        """Whether a selection has none of the stack's resources of these types."""
        return selection in self._selections and not any(
            _is_in(selection, resource) for resource in selection.stack.resources(*types)
        )

    def covers(self, resource: Block) -> bool:
        """Whether a selection has it: named, or tagged, and not taken out again."""
        return bool(self.plans(resource))

    def plans(self, resource: Block) -> list[Block]:
        """The plans whose selections have it."""
        return [
            plan
            for selection in self._selections
            if _is_in(selection, resource)
            for plan in selection.refers("plan_id", PLAN)
        ]


def _is_in(selection: Block, resource: Block) -> bool:
    return (
        (_is_named(selection, resource) or _is_tagged(selection, resource))
        and _conditions_hold(selection, resource)
        and not _matches(selection.get("not_resources"), resource)
    )


def _is_named(selection: Block, resource: Block) -> bool:
    if not selection.get("resources"):
        return not selection.get("selection_tag")  # a selection that names nothing is of everything
    return _matches(selection.get("resources"), resource)


def _matches(arns: Any, resource: Block) -> bool:
    if resource in resource.stack.referred(arns, resource.type):
        return True
    service, kind, identity = _ARNS[resource.type]
    own = f"{kind}{resource.get(identity) or ''}"
    parts = [str(arn).split(":", 5) for arn in listed(arns)]
    return ["*"] in parts or any(
        part[2] in (service, "*") and fnmatchcase(own, part[5])
        for part in parts
        if len(part) == 6  # noqa: PLR2004 - arn:partition:service:region:account:resource
    )


def _is_tagged(selection: Block, resource: Block) -> bool:
    tags = _tags(resource)
    return any(
        tag.get("key") is not None and tags.get(str(tag.get("key"))) == tag.get("value")
        for tag in selection.blocks("selection_tag")
    )


def _conditions_hold(selection: Block, resource: Block) -> bool:
    tags = _tags(resource)
    return all(
        holds(
            str(tags.get(str(test.get("key")).removeprefix("aws:ResourceTag/"), "")), str(test.get("value"))
        )
        for condition in selection.blocks("condition")
        for operator, holds in _OPERATORS.items()
        for test in objects(condition.get(operator))
    )


def _tags(resource: Block) -> Body:
    own = resource.blocks("tags")
    return default_tags(provider_of(resource)) | (own[0] if own else {})
