"""What opens something is known before the apply."""

import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Stack, strings

from policies._policy import StackPolicy

_NETWORKS = frozenset({
    "cidr", "cidr_block", "cidr_blocks", "cidr_ipv4", "cidr_ipv6", "destination_cidr_block",
    "destination_ipv6_cidr_block", "ipv6_cidr_block", "ipv6_cidr_blocks",
})  # fmt: skip
_GROUPS = frozenset({
    "referenced_security_group_id", "security_group_ids", "security_groups", "source_security_group_id",
    "vpc_security_group_ids",
})  # fmt: skip
# Flags that are good while they are off.
_FLAGS = frozenset({
    "assign_public_ip", "associate_public_ip_address", "enable_execute_command", "force_destroy", "internal",
    "map_customer_owned_ip_on_launch", "map_public_ip_on_launch", "privileged", "publicly_accessible",
    "skip_final_snapshot",
})  # fmt: skip
_LISTS = frozenset({"prefix_list_id", "prefix_list_ids"})
_DATABASES = ("aws_db_instance", "aws_rds_cluster")
_INGRESS, _OLDER = "aws_vpc_security_group_ingress_rule", "aws_security_group_rule"
_OF_A_LIST = re.compile(r"\$\{data\.(?:aws_prefix_list|aws_ec2_managed_prefix_list|aws_vpc_endpoint)\.")
_OWN_NETWORK = re.compile(
    r"\$\{((?:aws_vpc|aws_default_vpc|aws_subnet|aws_vpc_ipv[46]_cidr_block_association)\.[\w-]+)"
    r"\.(?:ipv6_)?cidr_block\}"
    r"|\$\{((?:aws_eip|aws_nat_gateway)\.[\w-]+)\.public_ip\}/32"
)


class ValuesAreKnown(StackPolicy):
    policy = "CKV2_BG_322"
    title = "Networks, groups and flags that open something are known before the apply"
    requirement = None
    pci = "1.4.2"
    profiles = ("general",)
    severity = "HIGH"
    needs_owner = True
    why = "What only an apply tells may be another network, or true"
    fix = "write the value, or refer to the network or group of this stack"

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources():
            for name in _unseen_lists(block):
                yield block, f"admits the prefix list {name}, whose networks the stack does not have"
            for name, value in _named(block.body):
                if "${" in value and "${var." not in value and _is_unknown(name, value, stack):
                    yield block, f"has {name} = {value}, which only an apply tells"


def _unseen_lists(block: Block) -> Iterator[str]:
    """Prefix lists of a way in, by an id alone. CKV_BG_114 judges those of databases."""
    if block.type in ("aws_security_group", "aws_default_security_group"):
        bodies = block.blocks("ingress")
    elif block.type == _INGRESS or (block.type == _OLDER and block.get("type") == "ingress"):
        bodies = [block.body]
    else:
        bodies = []
    found = [text for body in bodies for name in _LISTS for text in strings(body.get(name))]
    groups = [block, *block.refers("security_group_id", "aws_security_group")] if found else []
    if not any(True for g in groups for _ in block.stack.users(g, "vpc_security_group_ids", *_DATABASES)):
        yield from (text for text in found if text.startswith("pl-"))


def _named(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """(argument, text) of each argument that opens something."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _named(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, name)
    elif isinstance(value, str) and name in _NETWORKS | _GROUPS | _FLAGS | _LISTS:
        yield name, value


def _is_unknown(name: str, value: str, stack: Stack) -> bool:
    if name in _NETWORKS:
        match = _OWN_NETWORK.fullmatch(value)
        return match is None or stack.at(match[1] or match[2]) is None
    if name in _LISTS:
        return "${data." in value and not _OF_A_LIST.match(value)
    return name in _FLAGS or "${data." in value


check = ValuesAreKnown()
