"""Functions of the same code are told the same, each for its own colour."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import PurePosixPath

from stack_gate.stack import COLOURS, LISTENERS, TARGET_GROUPS, Block, Stack

from policies._colours import Colours
from policies._package import UnseenError, code
from policies._policy import StackPolicy
from policies._shared import SharedCluster
from policies._switch import environment
from policies.functions._tasks_told import told_wrong
from policies.service._containers import TASK_DEFINITION, containers, variables

# What functions of this kind read and move.
_READ = (
    *LISTENERS, *TARGET_GROUPS, "aws_cloudwatch_composite_alarm", "aws_dynamodb_table", "aws_rds_cluster",
    "aws_rds_cluster_instance", "aws_secretsmanager_secret", "aws_sns_topic", "aws_ssm_parameter",
)  # fmt: skip
_BLUE, _GREEN = (colour.upper() for colour in COLOURS)


class FunctionsAreToldAlike(StackPolicy):
    policy = "CKV2_BG_444"
    title = (
        "Functions of the same code, and tasks, are told the same in their environments, each for its colour"
    )
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    yields = True
    why = "One of them reads, rotates or moves something else than the others, and nothing fails"
    fix = "give the functions, or the tasks, the same variables, each with the resources of its own colour"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for function in stack.resources("aws_lambda_function"):
            yield from ((function, what) for what in [*_paired(function), *_distinct(function)])
        for definition in stack.resources(TASK_DEFINITION):
            yield from ((definition, what) for what in told_wrong(definition))
        yield from _tasks(stack)
        for twins in _twins(stack):
            for one, other in combinations(twins, 2):
                yield from _differing(one, other)

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for function in stack.resources("aws_lambda_function"):
            for name, value in environment(function).items():
                if "${data." in str(value) and not _is_of_the_account(str(value)):
                    yield function, f"has {name} = {value}, which only an apply tells"
        for definition in stack.resources(TASK_DEFINITION):
            for _, container in containers(definition):
                for name, value in variables(container):
                    if "${data." in str(value) and not _is_of_the_account(str(value)):
                        yield definition, f"has {name} = {value}, which only an apply tells"


def _is_of_the_account(value: str) -> bool:
    known = ("data.aws_caller_identity.", "data.aws_partition.", "data.aws_region.")
    return all(part.startswith(known) for part in value.split("${")[1:] if part.startswith("data."))


def _paired(function: Block) -> Iterator[str]:
    """What it is told of one colour, it is told of the other."""
    stack, colours, given = function.stack, function.stack.derived(Colours), environment(function)
    for name, value in given.items():
        for own, other in ((_BLUE, _GREEN), (_GREEN, _BLUE)):
            if own not in name.split("_"):
                continue
            if name.replace(own, other) not in given:
                yield f"gets {name}, and no {name.replace(own, other)}"
            twin = given.get(name.replace(own, other))
            if stack.referred(twin) and not stack.referred(value) and "${aws_" not in str(value):
                yield f"gets {name} = {str(value)[:200]}, which is of nothing here, unlike the other colour's"
            told = {colours.of(block) for block in stack.referred(value)} - {None}
            if told and told != {own.lower()}:
                yield f"gets {name} of {' and '.join(sorted(filter(None, told)))}"


def _distinct(function: Block) -> Iterator[str]:
    names: dict[str, list[str]] = defaultdict(list)
    for name, value in environment(function).items():
        if "${" in str(value):
            names[str(value)].append(name)
    for value, same in names.items():
        if len(same) > 1 and not _is_of_both(value, same, function.stack):
            yield f"gets the same as {' and '.join(same)}"


def _is_of_both(value: str, names: list[str], stack: Stack) -> bool:
    """Whether it is the database that the colours share, which each is told as its own."""
    shared, found = stack.derived(SharedCluster), stack.referred(value)
    alike = {tuple("" if part in (_BLUE, _GREEN) else part for part in name.split("_")) for name in names}
    colours = {part for name in names for part in name.split("_") if part in (_BLUE, _GREEN)}
    pair = len(names) == len(colours) == len(COLOURS) and len(alike) == 1
    return pair and bool(found) and all(shared.has(block) for block in found)


def _tasks(stack: Stack) -> Iterator[tuple[Block, str]]:
    """What the tasks of one colour are told of a resource, those of the other are."""
    colours = stack.derived(Colours)
    told: dict[str, dict[str, object]] = {}
    owners: dict[str, Block] = {}
    for definition in stack.resources(TASK_DEFINITION):
        if (colour := colours.of(definition)) is not None:
            owners[colour] = definition
            told[colour] = {
                name: value for _, container in containers(definition) for name, value in variables(container)
            }
    for colour, given in told.items():
        for name, value in given.items():
            of_others = [other.get(name) for others, other in told.items() if others != colour]
            if stack.referred(value) or not any(stack.referred(other) for other in of_others):
                continue
            yield owners[colour], f"gets {name} = {str(value)[:200]}, which is of nothing here"


def _twins(stack: Stack) -> list[list[Block]]:
    """Functions of one package and one duty: the package's name has a hash of what is in it."""
    found: dict[tuple[str, str], list[Block]] = defaultdict(list)
    for function in stack.resources("aws_lambda_function"):
        package = PurePosixPath(str(function.get("filename") or "")).name
        if package and environment(function):
            found[package, str(environment(function).get("DUTY"))].append(function)
    return [twins for twins in found.values() if len(twins) > 1]


def _differing(one: Block, other: Block) -> Iterator[tuple[Block, str]]:
    colours = one.stack.derived(Colours)
    mine, others = environment(one), environment(other)
    for place, given, twin in ((other, others, mine), (one, mine, others)):
        for name in sorted(twin.keys() - given.keys()):
            of_both = {colours.of(one), colours.of(other)} == set(COLOURS)
            # Settings that the code does not know may well differ.
            if of_both or one.stack.referred(twin[name], *_READ) or _knows(place, name):
                its = (other if place is one else one).address
                yield place, f"gets no {name}, which its twin {its} gets"
    of_colours = {colours.of(one), colours.of(other)}
    for name in sorted(mine.keys() & others.keys()):
        first, second = str(mine[name]), str(others[name])
        if first == second or (None not in of_colours and _is_counterpart(first, second, one, other)):
            continue
        yield one, f"gets {name} = {first[:200]}, and its twin {other.address} something else"
        yield other, f"gets {name} = {second[:200]}, and its twin {one.address} something else"


def _knows(function: Block, name: str) -> bool:
    """Whether the code of a function has the name of a variable in it."""
    try:
        return name in code(function).words
    except UnseenError:  # another policy's finding
        return False


def _is_counterpart(first: str, second: str, one: Block, other: Block) -> bool:
    """Two resources of one type, each of its function's colour."""
    stack, colours = one.stack, one.stack.derived(Colours)
    mine, others = stack.referred(first), stack.referred(second)
    if not mine and not others:
        return "${" not in first + second and "arn:" not in first + second
    return (
        [block.type for block in mine] == [block.type for block in others]
        and all(colours.of(block) in (colours.of(one), None) for block in mine)
        and all(colours.of(block) in (colours.of(other), None) for block in others)
    )


check = FunctionsAreToldAlike()
