"""No secret is written out in the JSON."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Stack, strings

from policies._policy import StackPolicy
from policies.secrets._literals import literals

_DEFINITIONS = ("variable", "locals")
# Of these any value is a finding of another policy (CKV_BG_119, CKV_BG_120).
_ELSEWHERE = {
    "aws_db_instance": ("password", "password_wo"),
    "aws_rds_cluster": ("master_password", "master_password_wo"),
    "aws_secretsmanager_secret_version": ("secret_string", "secret_string_wo", "secret_binary"),
}
_NAMES = ("name", "function_name", "bucket", "identifier", "cluster_identifier", "alias")


class NoLiteralSecret(StackPolicy):
    policy = "CKV2_BG_250"
    title = "No password, key or token stands in the JSON"
    requirement = "R17"
    pci = "8.6.2"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "Everybody who reads the code, the plan, the state or a pipeline's log has it, for ever"
    fix = (
        "revoke it; then keep the new one in Secrets Manager and pass its ARN, or let AWS make it "
        "(manage_master_user_password)"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        names = {str(block.get(name)) for block in stack.resources() for name in _NAMES}
        seen: set[str] = set()
        for block in stack.blocks:
            seen.update(_bare(text) for text in _judged_elsewhere(block))
            for what, text in _used(block):
                seen.add(_bare(text))
                if text not in names:
                    yield (None if block.kind == "terraform" else block), f"has {what}"
        for where, what, text in _defined(stack):  # unless they were found where they are used
            if _bare(text) not in seen:
                yield where, what


def _used(block: Block) -> list[tuple[str, str]]:
    """What a block has that is there to be used; variables and locals only define."""
    if block.kind in _DEFINITIONS:
        return []
    if block.kind == "output":
        beside = {name: value for name, value in block.body.items() if name != "value"}
        return list(dict.fromkeys([*literals(block.get("value"), block.name), *literals(beside)]))
    elsewhere = _ELSEWHERE.get(block.type, ())
    body = {name: value for name, value in block.body.items() if name not in elsewhere}
    return list(dict.fromkeys(literals(body)))


def _defined(stack: Stack) -> Iterator[tuple[Block | None, str, str]]:
    for block in stack.kind("variable"):
        for what, text in literals(block.get("default"), block.name):
            yield block, f"has {what}", text
    for name, value in (pair for block in stack.kind("locals") for pair in block.body.items()):
        for what, text in literals(value, name):
            yield None, f"has {what}, in local.{name}", text


def _judged_elsewhere(block: Block) -> list[str]:
    """The texts of arguments that other policies judge: found there, they are not to be found again here."""
    values = [(name, block.body.get(name)) for name in _ELSEWHERE.get(block.type, ())]
    inside = [text for name, value in values for _, text in literals(value, name)]
    return inside + strings([value for _, value in values])


def _bare(text: str) -> str:
    """To compare by: Checkov writes line breaks in one way here, in another way there."""
    return re.sub(r"\\n|\s", "", text)


check = NoLiteralSecret()
