"""How Elastic Load Balancing differs from stock moto in listeners and target groups.

- DescribeListeners with an ARN that is unknown fails whole, with ListenerNotFound (API reference). Moto
  leaves the unknown one out while it knows another.
- A forward to several target groups has to be sticky as soon as one of the groups has stickiness of its own:
  both ModifyListener and ModifyTargetGroupAttributes are refused otherwise, with InvalidConfigurationRequest
  (AWS's words are in kubernetes-sigs/aws-load-balancer-controller#2734).
- The health checks of an Application Load Balancer are by HTTP unless a request says otherwise, even of
  targets that take HTTPS (API reference, CreateTargetGroup).
- While conditions are set (rules/conditions.py), a change of a listener is described after a moment.
- Of a forward that isn't sticky, DescribeListeners shows no duration (examples of the API reference).
"""

import copy
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from moto.elbv2.exceptions import InvalidConfigurationRequest, ListenerNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeListener
from moto.elbv2.responses import ELBV2Response

from embedded_aws.extensions import Server, replace
from embedded_aws.rules.conditions import conditions

BEFORE = "bluegreen_actions_before"  # on a listener: its actions before the last change


_by_a_client = ContextVar("by_a_client", default=False)


def install(_: Server) -> None:
    """Extend moto's load balancers."""
    replace(ELBv2Backend, "describe_listeners", _describe_listeners)
    replace(ELBV2Response, "describe_listeners", _describe)
    replace(ELBv2Backend, "modify_listener", _modify_listener)
    replace(ELBv2Backend, "modify_target_group_attributes", _modify_target_group_attributes)
    replace(ELBv2Backend, "create_target_group", _create_target_group)


def _describe_listeners(
    stock: Callable[..., list[Any]],
    backend: ELBv2Backend,
    load_balancer_arn: str | None,
    listener_arns: list[str],
) -> list[Any]:
    found = stock(backend, load_balancer_arn, listener_arns)
    if not load_balancer_arn and set(listener_arns or ()) - {listener.arn for listener in found}:
        raise ListenerNotFoundError
    if _by_a_client.get():  # moto's own changes begin with this, too
        found = [_as_seen(listener) for listener in found]
    for action in (action for listener in found for action in listener.default_actions):
        sticky = (action.data.get("ForwardConfig") or {}).get("TargetGroupStickinessConfig") or {}
        if str(sticky.get("Enabled")).lower() != "true":
            sticky.pop("DurationSeconds", None)
    return found


def _create_target_group(stock: Callable[..., Any], backend: ELBv2Backend, name: str, **settings: Any) -> Any:
    if settings.get("protocol") in ("HTTP", "HTTPS"):
        settings["healthcheck_protocol"] = settings.get("healthcheck_protocol") or "HTTP"
    return stock(backend, name, **settings)


def _modify_listener(
    stock: Callable[..., Any],
    backend: ELBv2Backend,
    *settings: Any,
) -> Any:
    """`settings`: ARN, port, protocol, TLS policy, certificates, default actions."""
    for group in sorted(_loose(settings[-1])):
        if group in backend.target_groups and _is_sticky(backend.target_groups[group].attributes):
            what = f"target stickiness is enabled for {group}: enable stickiness of the forward first"
            raise InvalidConfigurationRequest(what)
    arn = settings[0]
    for balancer in backend.load_balancers.values():
        if arn in balancer.listeners:
            listener = balancer.listeners[arn]
            before = _as_seen(listener).default_actions
            vars(listener)[BEFORE] = copy.deepcopy(before)
            conditions.wrote(arn)
    return stock(backend, *settings)


def _describe(stock: Callable[[ELBV2Response], Any], response: ELBV2Response) -> Any:
    before = _by_a_client.set(True)
    try:
        return stock(response)
    finally:
        _by_a_client.reset(before)


def _as_seen(listener: FakeListener) -> FakeListener:
    """As DescribeListeners shows it: the last change may not be visible yet."""
    if BEFORE not in vars(listener) or conditions.visible(listener.arn):
        return listener
    shown = copy.copy(listener)
    shown.default_actions = vars(listener)[BEFORE]
    return shown


def _modify_target_group_attributes(
    stock: Callable[..., Any], backend: ELBv2Backend, target_group_arn: str, attributes: dict[str, Any]
) -> Any:
    if _is_sticky(attributes):
        for balancer in backend.load_balancers.values():
            for listener in balancer.listeners.values():
                if target_group_arn in _loose(action.data for action in listener.default_actions):
                    what = f"{target_group_arn} is behind a forward without stickiness: enable that first"
                    raise InvalidConfigurationRequest(what)
    return stock(backend, target_group_arn, attributes)


def _loose(actions: Iterable[dict[str, Any]]) -> set[str]:
    """The target groups of forwards to several of them, without stickiness."""
    found: set[str] = set()
    for action in actions:
        forward = action.get("ForwardConfig") or {}
        groups = [group["TargetGroupArn"] for group in forward.get("TargetGroups", ())]
        enabled = (forward.get("TargetGroupStickinessConfig") or {}).get("Enabled")
        if len(groups) > 1 and str(enabled).lower() != "true":
            found.update(groups)
    return found


def _is_sticky(attributes: dict[str, Any]) -> bool:
    return attributes.get("stickiness.enabled") == "true"
