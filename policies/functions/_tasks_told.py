"""What the variables of tasks name: resources of their colour, the writer, its port, tables of their role."""

import re
from collections.abc import Iterator

from stack_gate.stack import COLOURS, Block, number

from policies import _iam
from policies._colours import Colours
from policies._shared import SharedCluster
from policies.service._containers import containers, variables

_OWN = re.compile(r"(?:(?:OWN|MY|APP|SERVICE|DEPLOYMENT)_)?COLOU?R")
_READER = re.compile(r"READ|REPLICA")
_PORT = re.compile(r"(?:\w+_)?(?:DATABASE|DB|MYSQL|AURORA)_?PORT")
_CLUSTER, _TABLE, _MYSQL = "aws_rds_cluster", "aws_dynamodb_table", 3306


def told_wrong(definition: Block) -> Iterator[str]:
    """What is wrong with the variables of a task definition's containers."""
    for called, container in containers(definition):
        given = variables(container)
        ports = {
            number(cluster.get("port")) or _MYSQL
            for cluster in definition.stack.referred([value for _, value in given], _CLUSTER)
        }
        for name, value in given:
            found = [*_of_another(definition, name.upper(), str(value)), *_of_no_right(definition, value)]
            yield from (f"{called} gets {name} {what}" for what in found)
            port = number(value)
            if _PORT.fullmatch(name.upper()) and ports and port is not None and port not in ports:
                yield f"{called} gets {name} = {port:g}, at which no database listens"


def _of_another(definition: Block, name: str, value: str) -> Iterator[str]:
    """A name with a colour in it is of that colour, any other of the task's own."""
    stack, colours = definition.stack, definition.stack.derived(Colours)
    own = colours.of(definition)
    if own is None:
        return
    said = {colour for colour in COLOURS if colour.upper() in name.split("_")} or {own}
    shared = stack.derived(SharedCluster)
    of = {colours.of(block) for block in stack.referred(value) if not shared.has(block)} - {None}
    if of and of != said:
        yield f"of {' and '.join(sorted(filter(None, of)))}"
    if _OWN.fullmatch(name) and value.lower() in set(COLOURS) - {own}:
        yield f"= {value}, and is {own}"
    if ".reader_endpoint" in value and not _READER.search(name):
        yield "at the reader's endpoint, which refuses to write"


def _of_no_right(definition: Block, value: object) -> Iterator[str]:
    """Tables of which no statement of the role says anything."""
    stack, roles = definition.stack, definition.stack.derived(_iam.Roles)
    for role in definition.refers("task_role_arn", "aws_iam_role"):
        allowed = [text for one in roles.of(role) if _iam.is_allow(one) for text in _iam.resources(one)]
        if roles.unseen(role) or not allowed or any("${" not in text and "*" in text for text in allowed):
            continue
        for table in stack.referred(value, _TABLE):
            if table not in stack.referred(allowed, _TABLE):
                yield f"of {table.address}, which {role.address} may not use"
