"""Whether an argument names a key that the account manages itself."""

import re

from stack_gate.stack import Block

KEYS = (
    "aws_kms_key",
    "aws_kms_alias",
    "aws_kms_replica_key",
    "aws_kms_external_key",
    "aws_kms_replica_external_key",
)
# One key and nothing around it; or an ARN or alias with a key's id in it.
_ONE_KEY = re.compile(
    r"(?:arn:[\w-]+:kms:[\w-]+:(?:\d{12}|\$\{[^}]*\}):(?:key|alias)/|alias/)?"
    r"\$\{(?:data\.)?aws_kms_\w+\.[\w-]+(?:\[\d+\])?\.(?:arn|id|key_id|name|target_key_arn|target_key_id)\}"
)
_MANAGED_BY_AWS = "alias/aws/"


def not_customer_managed(block: Block, argument: str) -> str | None:
    """What is wrong with the key that the argument names; None where it is a customer-managed one."""
    value = block.get(argument)
    if not value:
        return f"names no key in {argument}"
    text = str(value)
    data = [block.stack.at(f"data.{name}") for name in _data_names(text)]
    aliases = [found for found in (*block.refers(argument, "aws_kms_alias"), *data) if found]
    named = " ".join([text, *(str(found.get("name") or found.get("key_id") or "") for found in aliases)])
    if _MANAGED_BY_AWS in named:
        return f"names a key of AWS in {argument} ({named})"
    if "${" in text and not _ONE_KEY.fullmatch(text):
        return f"names {text} in {argument}, which is not known to be a key"
    if block.refers(argument, *KEYS) or any(found for found in data) or ":kms:" in text or "alias/" in text:
        return None
    return None if _is_key_id(text) else f"names {text} in {argument}, which is not a KMS key of this stack"


def _data_names(text: str) -> list[str]:
    parts = text.replace("${", "").replace("}", "").split(".")
    return [".".join(parts[1:3])] if parts[0] == "data" and parts[1].startswith("aws_kms_") else []


def _is_key_id(text: str) -> bool:
    return len(text.removeprefix("mrk-")) in (32, 36) and set(text.removeprefix("mrk-")) <= set(
        "0123456789abcdef-"
    )
