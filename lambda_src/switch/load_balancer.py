"""The load balancer: what of it decides where clients go. Its listeners are written in effects.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.errors import AwsCallError, SwitchError
from ..contract.values import Colour
from .aws import Caller, Refused
from .findings import route
from .listener import Listener, absent, read_listener
from .models import Target, TargetGroupHealth
from .routing import Entrance, Routing
from .rules import load_balancer_of
from .settings import Settings

# Of 400 items each; a load balancer has 50 listeners and 100 rules at most, unless AWS raises the quota.
MOST_PAGES = 20
GONE = ("ListenerNotFound",)

Item = Mapping[str, Any]


class LoadBalancer:
    """One invocation's view of it."""

    def __init__(self, settings: Settings, caller: Caller) -> None:
        self.settings = settings
        self._caller = caller
        self._calling = caller.calling
        self._client = caller.client
        self.colours = {settings.of(colour).target_group_arn: colour for colour in Colour}

    def routing(self) -> Routing:
        """All that decides where clients go, read at the same time.

        Raises SwitchError only where production's listener can't be read: whatever else can't is a finding.
        """
        settings = self.settings
        balancer = load_balancer_of(settings.listener_arn)
        known = [settings.listener_arn, settings.test_listener_arn, settings.redirect_listener_arn]
        reads: dict[tuple[str, str], Callable[[], Any]] = {("listeners", balancer): self._listeners}
        reads |= {("rules", arn): lambda arn=arn: self._rules(arn) for arn in known}  # type: ignore[misc]
        for arn, colour in self.colours.items():
            reads["sticky", arn] = lambda arn=arn: self._is_sticky(arn)  # type: ignore[misc]
            reads["health", arn] = lambda colour=colour: self.health(colour)  # type: ignore[misc]
        found = self._tried(reads)
        listed = found["listeners", balancer]
        if isinstance(listed, SwitchError):
            listed = None
        others = [item for item in listed or () if item["ListenerArn"] not in known[:2]]
        unknown = [item["ListenerArn"] for item in others if item["ListenerArn"] not in known]
        found |= self._tried({("rules", arn): lambda arn=arn: self._rules(arn) for arn in unknown})  # type: ignore[misc]
        return route(
            Entrance(
                production=self.production() if listed is None else self.listener(known[0], listed),
                test=self._unread_test() if listed is None else self.listener(known[1], listed),
                target_groups=self.colours,
                redirect=settings.redirect_listener_arn,
                others=others,
                rules=dict(_read(found, "rules")),
                declared_rules=settings.declared_rules,
                sticky=frozenset(self.colours[arn] for arn, sticky in _read(found, "sticky") if sticky),
                health={self.colours[arn]: health for arn, health in _read(found, "health")},
                unread={arn: error for (_, arn), error in found.items() if isinstance(error, SwitchError)},
            )
        )

    def production(self, *, last_call: bool = False) -> Listener:
        """Production's listener alone. `last_call`: for the report of a failure, in the time kept for it."""
        return self._alone(self.settings.listener_arn, calls=1 if last_call else 2)

    def test(self) -> Listener:
        """The test listener alone."""
        return self._alone(self.settings.test_listener_arn, calls=2)

    def _alone(self, arn: str, *, calls: int) -> Listener:
        try:
            with self._calling("DescribeListeners", arn, calls=calls, codes=GONE):
                described = self._client("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"]
        except Refused:
            described = []
        return self.listener(arn, described)

    def health(self, colour: Colour) -> TargetGroupHealth:
        arn = self.settings.of(colour).target_group_arn
        with self._calling("DescribeTargetHealth", arn):
            described = self._client("elbv2").describe_target_health(TargetGroupArn=arn)
        return TargetGroupHealth(arn, tuple(map(_target, described["TargetHealthDescriptions"])))

    def _tried(self, reads: Mapping[tuple[str, str], Callable[[], Any]]) -> dict[tuple[str, str], Any]:
        """What each read gave, at the same time; or the error that it raised."""

        def tried(read: Callable[[], Any]) -> Any:
            try:
                return read()
            except SwitchError as error:
                return error

        calls = [lambda read=read: tried(read) for read in reads.values()]
        return dict(zip(reads, self._caller.together(calls), strict=True))

    def _listeners(self) -> list[Item]:
        """All of the load balancer, so that one that was deleted is only missing."""
        arn = load_balancer_of(self.settings.listener_arn)

        def page(marker: Mapping[str, str]) -> Item:
            with self._calling("DescribeListeners", arn):
                answer: Item = self._client("elbv2").describe_listeners(LoadBalancerArn=arn, **marker)
            return answer

        return _pages(page, "Listeners", arn)

    def _rules(self, listener: str) -> list[Item]:
        """In the order of their priorities; none of a listener that was deleted."""

        def page(marker: Mapping[str, str]) -> Item:
            with self._calling("DescribeRules", listener, codes=GONE):
                answer: Item = self._client("elbv2").describe_rules(ListenerArn=listener, **marker)
            return answer

        try:
            return _pages(page, "Rules", listener)
        except Refused:
            return []

    def _is_sticky(self, group: str) -> bool:
        with self._calling("DescribeTargetGroupAttributes", group):
            answer = self._client("elbv2").describe_target_group_attributes(TargetGroupArn=group)
        return {"Key": "stickiness.enabled", "Value": "true"} in answer["Attributes"]

    def _unread_test(self) -> Listener:
        return absent(self.settings.test_listener_arn, "test listener", "could not be read")

    def listener(self, arn: str, described: list[Item]) -> Listener:
        role = "production listener" if arn == self.settings.listener_arn else "test listener"
        found = next((item for item in described if item["ListenerArn"] == arn), None)
        return read_listener(arn, role, found, self.colours)


def _pages(page: Callable[[Mapping[str, str]], Item], name: str, where: str) -> list[Item]:
    """The items of all pages; raises AwsCallError where they don't end."""
    items: list[Item] = []
    marker: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        answer = page(marker)
        items += answer[name]
        if not answer.get("NextMarker"):
            return items
        marker = {"Marker": answer["NextMarker"]}
    raise AwsCallError(
        what=f"there are more than {MOST_PAGES} pages of {name.lower()}",
        where=where,
        cause="a rule that is not read could override the weights",
        fix="delete the rules and listeners that are not declared, see `aws elbv2 describe-rules`",
    )


def _read(found: Mapping[tuple[str, str], Any], kind: str) -> Iterator[tuple[str, Any]]:
    return (
        (arn, value)
        for (what, arn), value in found.items()
        if what == kind and not isinstance(value, SwitchError)
    )


def _target(described: Item) -> Target:
    health = described["TargetHealth"]
    return Target(
        id=described["Target"]["Id"],
        port=described["Target"]["Port"],
        state=health["State"],
        reason=health.get("Reason", ""),
        description=health.get("Description", ""),
    )
