"""Where clients really go: all at the load balancer that overrides or outlasts the weights. Values only.

What decides, by the user guide for Application Load Balancers and the API reference (2015-12-01) of Elastic
Load Balancing:

| read | why |
|---|---|
| default action of each listener | decides about a request that meets no rule ("Listeners", default actions) |
| rules of each listener | are evaluated before the default action ("Listener rules") |
| stickiness of the action | keeps a client at the target group that it got first ("Target group stickiness") |
| `stickiness.enabled` of a group | keeps a client at the target that it got first ("Sticky sessions") |
| registered targets | a target in both groups gets the requests of both ("Register targets") |

What doesn't decide between blue and green, and isn't read:

| not read | why |
|---|---|
| group: `deregistration_delay.*`, `slow_start.*` | about a target that comes to its group or leaves it |
| group: `load_balancing.*` | chooses target and zone within a group |
| group: `target_group_health.*` | takes a zone out of DNS, or uses unhealthy targets of the same group: a group never fails over to the other one ("Health checks") |
| load balancer: `client_keep_alive.*`, `idle_timeout.*`, `routing.http*` | about connections and headers: each request is routed for itself |
| load balancer: `zonal_shift.*`, `ipv6.*`, `waf.fail_open.*`, `load_balancing.cross_zone.enabled` | choose zones, or let requests in |
| load balancer: logs, `deletion_protection.enabled` | route nothing |

A WebSocket stays at its target until it is closed, whatever the weights: nothing configures that. A target
that is neither service's can't be told from the registrations: only ECS knows its tasks.
"""  # noqa: E501 - rows of a table

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..contract.errors import SwitchError
from ..contract.gates import Gate
from ..contract.values import Colour, Verdict
from .listener import Listener
from .models import TargetGroupHealth


class Reach(StrEnum):
    """Whose requests a finding is about."""

    PRODUCTION = "production"
    TEST = "test"


@dataclass(frozen=True)
class Finding:
    """`what`: a sentence; `fix`: the step or command that removes it; `resource`: an ARN. `lasting`: it is
    still there when the listener has the declared action.
    """

    reach: Reach
    resource: str
    what: str
    fix: str
    lasting: bool = True

    def to_json(self) -> dict[str, object]:
        return {"reach": self.reach.value, "resource": self.resource, "what": self.what, "fix": self.fix}


@dataclass(frozen=True)
class Entrance:
    """What was read, as AWS describes it.

    `others`: listeners of the load balancer besides the two; `redirect`: ARN of the one among them that is
    declared. `rules`: listener's ARN → its rules.
    `declared_rules`: ARN → fingerprint of each rule that the platform declares. `sticky`: the colours whose
    group has stickiness of its own. `target_groups`: ARN → colour. `unread`: ARN → why it could not be read;
    its place above is empty then.
    """

    production: Listener
    test: Listener
    target_groups: Mapping[str, Colour]
    redirect: str = ""
    others: Sequence[Mapping[str, Any]] = ()
    rules: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    declared_rules: Mapping[str, str] = field(default_factory=dict)
    sticky: frozenset[Colour] = frozenset()
    health: Mapping[Colour, TargetGroupHealth] = field(default_factory=dict)
    unread: Mapping[str, SwitchError] = field(default_factory=dict)


@dataclass(frozen=True)
class Routing:
    """`findings`: what keeps the weights from deciding alone, and what may and could not be read."""

    production: Listener
    test: Listener
    findings: tuple[Finding, ...] = ()
    sticky: bool = False  # blue's or green's target group has stickiness of its own
    unread: tuple[SwitchError, ...] = ()  # why findings could not be made

    def of(self, reach: Reach) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.reach is reach)

    @property
    def lasting(self) -> tuple[Finding, ...]:
        """Those that are still there when both listeners have the declared action."""
        return tuple(finding for finding in self.findings if finding.lasting)

    def require_read(self) -> None:
        """Raises what kept something from being read."""
        for error in self.unread:
            raise error

    def verdict(self) -> Verdict:
        """The gate `listener`."""
        value = "; ".join(finding.what for finding in self.findings) or "forwards by weight"
        fix = "; ".join(dict.fromkeys(finding.fix for finding in self.findings))
        threshold = "only the weights of blue and green decide"
        return Verdict(Gate.LISTENER, not self.findings, value, threshold, fix=fix)
