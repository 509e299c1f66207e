"""What overrides or outlasts the weights, in what was read of the load balancer. Pure; see routing.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..contract.values import Colour
from .listener import forwarded, named
from .routing import Entrance, Finding, Reach, Routing
from .rules import conditions_of, fingerprint, listener_of

CHANGED_RULE = 'follow docs/runbook.md, "A declared rule was changed"'

Actions = Sequence[Mapping[str, Any]]


def route(entrance: Entrance) -> Routing:
    """All of it, judged."""
    findings = (
        *_of_actions(entrance),
        *_of_rules(entrance),
        *_of_missing_rules(entrance),
        *_of_other_listeners(entrance),
        *_of_groups(entrance),
        *_of_targets(entrance),
        *_of_what_is_unknown(entrance),
    )
    unread = tuple(entrance.unread.values())
    return Routing(entrance.production, entrance.test, findings, bool(entrance.sticky), unread)


def _of_actions(entrance: Entrance) -> Iterator[Finding]:
    for reach, listener in zip(Reach, (entrance.production, entrance.test), strict=True):
        if listener.problem:
            what = f"the {listener.role} {listener.problem}"
            yield Finding(reach, listener.arn, what, listener.fix, lasting=not listener.there)


def _of_rules(entrance: Entrance) -> Iterator[Finding]:
    for reach, listener in zip(Reach, (entrance.production, entrance.test), strict=True):
        for rule in _undeclared(entrance, listener.arn):
            yield _rule(entrance, reach, rule, f"a rule of the {listener.role}")


def _undeclared(entrance: Entrance, listener: str) -> list[Mapping[str, Any]]:
    """Its rules but the default one, which is its default action, and those that are as declared."""
    return [
        rule
        for rule in entrance.rules.get(listener, ())
        if not rule.get("IsDefault") and entrance.declared_rules.get(rule["RuleArn"]) != fingerprint(rule)
    ]


def _rule(entrance: Entrance, reach: Reach, rule: Mapping[str, Any], whose: str) -> Finding:
    arn = rule["RuleArn"]
    where = f"priority {rule['Priority']}, {' and '.join(conditions_of(rule)) or 'any request'}"
    what = f"{whose} ({where}) {_does(rule['Actions'], entrance)}"
    if arn in entrance.declared_rules:
        return Finding(reach, arn, f"{what}, other than the platform declares", CHANGED_RULE)
    return Finding(reach, arn, what, f"aws elbv2 delete-rule --rule-arn {arn}")


def _of_missing_rules(entrance: Entrance) -> Iterator[Finding]:
    there = {rule["RuleArn"] for rules in entrance.rules.values() for rule in rules}
    for arn in entrance.declared_rules:
        if arn not in there and listener_of(arn) not in entrance.unread:
            reach = Reach.TEST if listener_of(arn) == entrance.test.arn else Reach.PRODUCTION
            yield Finding(reach, arn, "a rule that the platform declares does not exist", CHANGED_RULE)


def _of_other_listeners(entrance: Entrance) -> Iterator[Finding]:
    """Those that reach blue or green, by their default action or by a rule."""
    for listener in entrance.others:
        arn, whose = listener["ListenerArn"], f"the listener on port {listener.get('Port')}"
        actions: Actions = listener.get("DefaultActions", ())
        if _reaches(actions, entrance):
            what = f"{whose} {_does(actions, entrance)} past the weights"
            yield Finding(Reach.PRODUCTION, arn, what, _fix_of_listener(arn, entrance))
        for rule in _undeclared(entrance, arn):
            if _reaches(rule["Actions"], entrance):
                yield _rule(entrance, Reach.PRODUCTION, rule, f"a rule of {whose}")


def _fix_of_listener(arn: str, entrance: Entrance) -> str:
    """The declared one gets its redirect back (modules/traffic/load_balancer.py)."""
    if arn != entrance.redirect:
        return f"aws elbv2 delete-listener --listener-arn {arn}"
    redirect = "Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}"
    return f"aws elbv2 modify-listener --listener-arn {arn} --default-actions '{redirect}'"


def _reaches(actions: Actions, entrance: Entrance) -> bool:
    return any(arn in entrance.target_groups for action in actions for arn, _ in forwarded(action))


def _does(actions: Actions, entrance: Entrance) -> str:
    """Of the last action, which ends the request; those before it sign clients in."""
    if actions[-1]["Type"] != "forward":
        return f"answers with a {actions[-1]['Type']}"
    return "forwards to " + ", ".join(named(arn, entrance.target_groups) for arn, _ in forwarded(actions[-1]))


def _of_groups(entrance: Entrance) -> Iterator[Finding]:
    for arn, colour in entrance.target_groups.items():
        if colour in entrance.sticky:
            what = f"{colour}'s target group keeps clients at the target that they got first (stickiness)"
            fix = (
                f"aws elbv2 modify-target-group-attributes --target-group-arn {arn} "
                "--attributes Key=stickiness.enabled,Value=false"
            )
            yield Finding(Reach.PRODUCTION, arn, what, fix)


def _of_targets(entrance: Entrance) -> Iterator[Finding]:
    """Each service registers its own tasks: an address and port belongs to one of them."""
    if len(entrance.health) < len(Colour):
        return
    registered = [{(t.id, t.port) for t in entrance.health[colour].targets} for colour in Colour]
    arn = next(arn for arn, colour in entrance.target_groups.items() if colour is Colour.GREEN)
    for address, port in sorted(set.intersection(*registered)):
        what = f"the target {address}:{port} is registered with blue's and with green's target group"
        fix = (
            "deregister it from the group of the colour that does not run it: aws elbv2 deregister-targets "
            f"--targets Id={address},Port={port} --target-group-arn …"
        )
        yield Finding(Reach.PRODUCTION, arn, what, fix)


def _of_what_is_unknown(entrance: Entrance) -> Iterator[Finding]:
    for arn, error in entrance.unread.items():
        reach = Reach.TEST if arn == entrance.test.arn else Reach.PRODUCTION
        what = f"it is unknown whether anything overrides the weights: {error.what}"
        yield Finding(reach, arn, what, error.fix)
