"""What a console, a script or another tool can leave of a listener, its groups or its load balancer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lambda_src.contract.values import Colour, Weights
from tests.lambda_src.live_platform import LivePlatform

PRODUCTION, TEST = "LISTENER_ARN", "TEST_LISTENER_ARN"
ANY_PATH = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}}]
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "MessageBody": "maintenance"}}
REDIRECT = {"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302", "Host": "status.example.com"}}


@dataclass(frozen=True)
class Shape:
    """`put` leaves it at the listener of that variable. `found`: part of the sentence that names it.

    `share`: what clients get of blue and green by it, None where it leaves that as it was, or where clients
    get neither. `lasts`: writing the declared action doesn't remove it. `both`: it is about both listeners.
    """

    name: str
    put: Callable[[LivePlatform, str], None]
    found: str
    share: Weights | None = None
    neither: bool = False
    lasts: bool = False
    both: bool = False
    gone: bool = False

    @property
    def of_the_action(self) -> bool:
        """Whether the action of the listener itself is another."""
        return not self.lasts and not self.gone


def _arn(platform: LivePlatform, colour: Colour) -> str:
    return platform.environment[f"{colour.upper()}_TG_ARN"]


def _action(action: dict[str, Any]) -> Callable[[LivePlatform, str], None]:
    return lambda platform, variable: platform.replace_action(variable, action)


def _groups(*weights: tuple[Colour | None, int]) -> Callable[[LivePlatform, str], None]:
    """A forward; None: a group of neither colour."""

    def put(platform: LivePlatform, variable: str) -> None:
        groups = [
            {"TargetGroupArn": _arn(platform, colour) if colour else platform.stranger, "Weight": weight}
            for colour, weight in weights
        ]
        forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        platform.replace_action(variable, forward)

    return put


def _plain(platform: LivePlatform, variable: str) -> None:
    platform.replace_action(variable, {"Type": "forward", "TargetGroupArn": _arn(platform, Colour.GREEN)})


def _sticky(platform: LivePlatform, variable: str) -> None:
    action = platform.action(variable)
    action["ForwardConfig"]["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": 3600}
    platform.replace_action(variable, action)


def _sticky_group(platform: LivePlatform, _variable: str) -> None:
    for each in (PRODUCTION, TEST):  # else Elastic Load Balancing refuses it
        _sticky(platform, each)
    attribute = {"Key": "stickiness.enabled", "Value": "true"}
    platform.elbv2.modify_target_group_attributes(
        TargetGroupArn=_arn(platform, Colour.GREEN), Attributes=[attribute]
    )


def _rule(platform: LivePlatform, variable: str) -> None:
    forward = {"Type": "forward", "TargetGroupArn": _arn(platform, Colour.GREEN)}
    platform.elbv2.create_rule(
        ListenerArn=platform.environment[variable], Priority=5, Conditions=ANY_PATH, Actions=[forward]
    )


def _fixed_rule(platform: LivePlatform, variable: str) -> None:
    platform.elbv2.create_rule(
        ListenerArn=platform.environment[variable], Priority=5, Conditions=ANY_PATH, Actions=[FIXED]
    )


def _deleted(platform: LivePlatform, variable: str) -> None:
    platform.elbv2.delete_listener(ListenerArn=platform.environment[variable])


def _other_listener(platform: LivePlatform, _variable: str) -> None:
    forward = {"Type": "forward", "TargetGroupArn": _arn(platform, Colour.GREEN)}
    balancer = platform.environment[PRODUCTION].replace(":listener/", ":loadbalancer/").rpartition("/")[0]
    platform.elbv2.create_listener(
        LoadBalancerArn=balancer, Port=9000, Protocol="HTTP", DefaultActions=[forward]
    )


def _other_rule(platform: LivePlatform, _variable: str) -> None:
    _rule(platform, "REDIRECT_LISTENER_ARN")


def _redirect_listener_forwards(platform: LivePlatform, _variable: str) -> None:
    _plain(platform, "REDIRECT_LISTENER_ARN")


def _foreign_target(platform: LivePlatform, _variable: str) -> None:
    """One of green's targets in blue's group."""
    target = {"Id": "10.0.1.4", "Port": 8443}
    platform.elbv2.register_targets(TargetGroupArn=_arn(platform, Colour.BLUE), Targets=[target])


BLUE, GREEN = Colour.BLUE, Colour.GREEN
SHAPES = [
    Shape("fixed response", _action(FIXED), "has the default actions ['fixed-response']", neither=True),
    Shape("redirect", _action(REDIRECT), "has the default actions ['redirect']", neither=True),
    Shape("plain forward", _plain, "forwards to green instead of", Weights(0, 100)),
    Shape("three groups", _groups((BLUE, 10), (GREEN, 80), (None, 10)), "forwards to blue, green, arn:",
          Weights(11, 89)),
    Shape("a stranger", _groups((None, 1)), "forwards to arn:", neither=True),
    Shape("0/1", _groups((BLUE, 0), (GREEN, 1)), "don't sum to 100: blue 0 / green 1", Weights(0, 100)),
    Shape("1/1", _groups((BLUE, 1), (GREEN, 1)), "don't sum to 100: blue 1 / green 1", Weights(50, 50)),
    Shape("0/0", _groups((BLUE, 0), (GREEN, 0)), "don't sum to 100: blue 0 / green 0", neither=True),
    Shape("stickiness", _sticky, "keeps clients at the target group"),
    Shape("sticky group", _sticky_group, "green's target group keeps clients", lasts=True, both=True),
    Shape("rule", _rule, "(priority 5, path-pattern /*) forwards to green", lasts=True),
    Shape("rule with a response", _fixed_rule, "answers with a fixed-response", lasts=True),
    Shape("deleted", _deleted, "does not exist", gone=True),
    Shape("other listener", _other_listener, "on port 9000 forwards to green past the weights", lasts=True,
          both=True),
    Shape("other rule", _other_rule, "a rule of the listener on port 80", lasts=True, both=True),
    Shape("redirect listener forwards", _redirect_listener_forwards,
          "the listener on port 80 forwards to green past the weights", lasts=True, both=True),
    Shape("foreign target", _foreign_target, "10.0.1.4:8443 is registered with blue's and with green's",
          lasts=True, both=True),
]  # fmt: skip
