"""Every argument is one that some policy understands, with a value that a review has accepted."""

import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, number, objects

from policies._policy import StackPolicy
from policies.platform._reviewed import (
    AT_START,
    CONTAINER,
    IGNORED,
    IGNORED_ELSEWHERE,
    LINUX,
    LOG_DRIVERS,
    LOG_OPTIONS,
    META,
    NEEDED,
    NO_TLS,
    PARAMETERS,
    RUNTIME,
    RUNTIME_VALUES,
    SAME,
    SETTLED,
    TLS,
    UNDERSTOOD,
)
from policies.platform._tags import provider_of
from policies.service._containers import TASK_DEFINITION, containers, variables

LONGEST = 600  # seconds until a container counts as broken
_SMALL = re.compile(r"(?i)\d{1,6}b?|\d{1,3}kb?")  # less than 1 MiB, the default of awslogs
# Programs of a check that tell nothing. ECS API reference, HealthCheck.
_ALWAYS = re.compile(r"(?:^|\|\||;|&&)\s*(?:/\w{1,9}/){0,2}(?:true|:|exit 0|echo|sleep)(?:\s|$)")


class ArgumentsAreReviewed(StackPolicy):
    policy = "CKV2_BG_275"
    title = "Every argument is one that a policy understands, with a value that a review accepted"
    requirement = None
    pci = "2.2.1"
    severity = "MEDIUM"
    yields = True
    why = "No policy judges what such an argument opens, stores, runs, keeps or routes"
    fix = (
        "take the argument out or set an accepted value; or admit it with a waiver of CKV2_BG_275 in the "
        "resource, with a reason and an expiry date"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources():
            found = (*_unread(block), *_elsewhere(block), *_refused(block), *_ignored(block))
            yield from ((block, what) for what in (*found, *_parameters(block), *_health(block)))
        for block in stack.kind("ephemeral"):
            yield from ((block, what) for what in _refused(block))

    def unknown(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for block in stack.resources():
            for path, value, accepted in _settled(block):
                if _is_open(value) and not accepted.accepts(value):
                    yield block, f"has {path} = {value}, which only an apply tells"


def _unread(block: Block) -> Iterator[str]:
    """Arguments that no policy understands."""
    known = UNDERSTOOD.get(SAME.get(block.type, block.type))
    if known is not None:
        for path in sorted(set(_paths(block.body, known))):
            yield f"has the argument {path}, which no policy understands"


def _paths(body: Body, known: frozenset[str], outer: str = "") -> Iterator[str]:
    for name, value in body.items():
        if _is_absent(value) or (not outer and (name in META or name == "region")):
            continue
        path = f"{outer}{name}"
        if f"{path}.*" in known:
            continue
        if path not in known:
            yield path
        else:
            for inner in objects(value):
                yield from _paths(inner, known, f"{path}.")


def _elsewhere(block: Block) -> Iterator[str]:
    """The argument `region` of AWS provider 6: the resource is not where its provider is."""
    region = block.get("region")
    provider = provider_of(block)
    if region is not None and (provider is None or provider.get("region") != region):
        yield f"has region = {region}, which is not its provider's"


def _settled(block: Block) -> Iterator[tuple[str, Any, Any]]:
    type_ = SAME.get(block.type, block.type)
    for path, accepted in SETTLED.get(type_, {}).items():
        outer, _, last = path.rpartition(".")
        for body in block.blocks(outer) if outer else [block.body]:
            if not _is_absent(body.get(last)):
                yield path, body[last], accepted
            elif path in NEEDED.get(type_, ()):
                yield path, None, accepted


def _refused(block: Block) -> Iterator[str]:
    for path, value, accepted in _settled(block):
        if not (_is_open(value) or accepted.accepts(value)):
            yield f"has {'no ' + path if value is None else f'{path} = {value}'}; accepted is {accepted}"


def _ignored(block: Block) -> Iterator[str]:
    """What Terraform never sets again after a change by other means."""
    if block.type in IGNORED_ELSEWHERE:
        return
    accepted = IGNORED[""] | IGNORED.get(block.type, frozenset())
    for lifecycle in block.blocks("lifecycle"):
        for name in map(str, listed(lifecycle.get("ignore_changes"))):
            if name not in accepted and not name.startswith("tags["):
                yield f"ignores changes of {name}"


def _parameters(block: Block) -> Iterator[str]:
    if block.type != "aws_rds_cluster_parameter_group":
        return
    for parameter in block.blocks("parameter"):
        name, value = str(parameter.get("name")), parameter.get("value")
        if name in AT_START and parameter.get("apply_method") != "pending-reboot":
            yield f"sets {name} at once, which RDS refuses: it takes effect with a reboot alone"
        if name not in PARAMETERS:
            yield f"sets the parameter {name}, which no policy understands"
        elif (accepted := PARAMETERS[name]) and not accepted.accepts(value):
            yield f"sets the parameter {name} = {value}; accepted is {accepted}"


def _health(block: Block) -> Iterator[str]:
    """Health checks of containers that pass for what is broken, or take half an hour."""
    for called, container in containers(block) if block.type == TASK_DEFINITION else ():
        yield from (f"has {called} {what}" for what in _container(container, block))
        for check_ in objects(container.get("healthCheck")):
            kind, *words_ = [*map(str, listed(check_.get("command"))), ""]
            text = " ".join(words_)
            if kind == "NONE" or _ALWAYS.search(text):
                yield f"has {called} whose health check passes always"
            times = (number(check_.get("interval")) or 30, number(check_.get("retries")) or 3)
            if times[0] * times[1] > LONGEST:
                yield f"has {called} that is unhealthy only after {times[0] * times[1]:g} seconds"


def _container(container: Body, task: Block) -> Iterator[str]:
    """Keys, log drivers and variables of one container that no policy understands."""
    yield from (f"with {key}" for key, value in container.items() if value and key not in CONTAINER)
    for parameters in objects(container.get("linuxParameters")):
        yield from (f"with linuxParameters.{key}" for key in parameters if key not in LINUX)
    logs = objects(container.get("logConfiguration"))
    if not logs:
        yield "without a log"
    for log in logs:
        driver, options = log.get("logDriver"), next(iter(objects(log.get("options"))), {})
        if driver not in LOG_DRIVERS:
            yield f"that logs to {driver}"
        elif driver == LOG_DRIVERS[0]:
            yield from (f"with the log's {key}" for key in options if key not in LOG_OPTIONS)
            if _SMALL.fullmatch(size := str(options.get("max-buffer-size") or "")):
                yield f"whose log drops what is past {size}"
            region, provider = options.get("awslogs-region"), provider_of(task)
            own = provider.get("region") if provider else None
            if own and "${" not in str(region) and region != own:
                yield f"that logs to {region}"
    for name, value in variables(container):
        accepted = RUNTIME_VALUES.get(name)
        if RUNTIME.fullmatch(name) or (accepted and not _is_open(value) and not accepted.accepts(value)):
            yield f"with {name}, which changes what its runtime runs or whom it calls"
        if TLS.fullmatch(name) and NO_TLS.fullmatch(str(value)):
            yield f"with {name} = {value}, which leaves connections without TLS"


def _is_absent(value: Any) -> bool:
    return value is None or value == []


def _is_open(value: Any) -> bool:
    return isinstance(value, str) and "${" in value


check = ArgumentsAreReviewed()
