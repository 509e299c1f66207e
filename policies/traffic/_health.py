"""What is asked of the health check of either colour."""

import re
from collections.abc import Iterator
from typing import ClassVar

from stack_gate.stack import TARGET_GROUPS, Block, Traffic, is_false, number

from policies._policy import ResourcePolicy

# Or a path with such a segment: /payments/health, /health/ready, /healthz.
PATH = "/health"
LONGEST = 300  # seconds until a target that fails, or is well again, is known to be so
# Elastic Load Balancing user guide, "Health checks for Application Load Balancer target groups"; its default
# protocol is HTTP, whatever the group's is.
_DEFAULTS = {"interval": 30, "timeout": 5, "healthy_threshold": 5, "unhealthy_threshold": 2}
_FEWEST, _MOST = 2, 10  # checks in a row
_MATCHER = re.compile(r"2\d\d(?:[,-]2\d\d){0,20}")


class HealthPolicy(ResourcePolicy):
    """The health check of the target groups of one colour."""

    pci = "6.5.2"
    severity = "MEDIUM"
    why = (
        "The switch moves payments to a colour because its targets are healthy; by default that means "
        "that / answers"
    )
    fix = f'give the target group a health_check block with path = "{PATH}" and matcher = "200"'
    types = TARGET_GROUPS
    colour: ClassVar[str]

    def defects(self, resource: Block) -> Iterator[str]:
        if resource not in resource.stack.derived(Traffic).colours[self.colour]:
            return
        path, enabled = resource.get("health_check.path"), resource.get("health_check.enabled")
        if not resource.blocks("health_check"):
            yield "has no health_check"
        elif is_false(enabled):
            yield "has its health check off"
        elif not any(segment.startswith(PATH[1:]) for segment in str(path or "").split("/")):
            yield f"has its health check on {path or 'the default path'}, not on {PATH}"
        else:
            yield from _useless(resource)


def _useless(group: Block) -> Iterator[str]:
    """Why its health check says nothing, or too late, or can't be made."""
    matcher, is_grpc = group.get("health_check.matcher"), group.get("protocol_version") == "GRPC"
    if not is_grpc and matcher is not None and not _MATCHER.fullmatch(str(matcher)):
        yield f"takes the answers {matcher} for healthy"
    checked, served = group.get("health_check.protocol") or "HTTP", group.get("protocol")
    if checked not in ("HTTP", "HTTPS") or (served == "HTTPS" and checked != served):
        yield f"checks by {checked} what takes {served}"
    port = group.get("health_check.port")
    if port not in (None, "traffic-port") and str(port) != str(group.get("port")):
        yield f"checks the port {port}, at which no payment arrives"
    found = {name: number(group.get(f"health_check.{name}")) for name in _DEFAULTS}
    given = {name: group.get(f"health_check.{name}") for name in _DEFAULTS}
    if unknown := [name for name in _DEFAULTS if given[name] is not None and found[name] is None]:
        yield f"has {given[unknown[0]]} as {unknown[0]}"
        return
    values = {name: value if value is not None else _DEFAULTS[name] for name, value in found.items()}
    if values["timeout"] >= values["interval"]:
        yield f"has a timeout of {values['timeout']:g} s in an interval of {values['interval']:g} s"
    for name in ("healthy_threshold", "unhealthy_threshold"):
        if not _FEWEST <= values[name] <= _MOST:
            yield f"has the {name} {values[name]:g}, where AWS takes {_FEWEST} to {_MOST}"
        elif values[name] * values["interval"] > LONGEST:
            yield f"takes {values[name] * values['interval']:g} s by its {name}"
