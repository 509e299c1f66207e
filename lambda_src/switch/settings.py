"""The function's environment, typed. `REQUIRED_VARIABLES` is all that the infrastructure has to supply."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import ConfigurationError, Problem
from .models import Colour

_ARN = r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:"


def _matching(pattern: str, allowed: str) -> tuple[Callable[[str], str | int | None], str]:
    return lambda text: text if re.fullmatch(pattern, text) else None, allowed


def _count(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,3}", text) else None


_LISTENER = _matching(_ARN + r"listener/app/\S+", "the ARN of a listener of an application load balancer")
_TARGET_GROUP = _matching(_ARN + r"targetgroup/\S+", "the ARN of a target group")
_PARAMETER = _matching(
    r"[A-Za-z0-9_./-]{1,1011}", "an SSM parameter's name, e.g. /payments/active-environment"
)

# variable → (parser that answers None for what it refuses, what it allows). The field of Settings has the
# same name in lower case.
_VARIABLES: Mapping[str, tuple[Callable[[str], str | int | None], str]] = {
    "LISTENER_ARN": _LISTENER,
    "TEST_LISTENER_ARN": _LISTENER,
    "BLUE_TG_ARN": _TARGET_GROUP,
    "GREEN_TG_ARN": _TARGET_GROUP,
    "SSM_PARAM_NAME": _PARAMETER,
    "STATUS_PARAM_NAME": _PARAMETER,
    "MIN_HEALTHY_TARGETS": (_count, "an integer from 1 to 9999"),
}
REQUIRED_VARIABLES = frozenset(_VARIABLES)

# Two names for one thing would make the switch undo its own work.
_DISTINCT = (
    ("LISTENER_ARN", "TEST_LISTENER_ARN"),
    ("BLUE_TG_ARN", "GREEN_TG_ARN"),
    ("SSM_PARAM_NAME", "STATUS_PARAM_NAME"),
)


@dataclass(frozen=True)
class Settings:
    listener_arn: str  # production
    test_listener_arn: str  # reaches the side that is not active
    blue_tg_arn: str
    green_tg_arn: str
    ssm_param_name: str  # records the active environment (R07)
    status_param_name: str  # records the migration, a JSON document
    min_healthy_targets: int  # below it, a side gains no traffic

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read `REQUIRED_VARIABLES`; raises ConfigurationError that names every problem at once."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, (parse, allowed) in _VARIABLES.items():
            text = environment.get(name)
            if text is None:
                problems.append(Problem.missing(name, allowed))
                continue
            value = parse(text)
            if value is None:
                problems.append(Problem.of(name, text, "is malformed", allowed))
            values[name.lower()] = value
        for first, second in _DISTINCT:
            text = environment.get(second)
            if text is not None and text == environment.get(first):
                problems.append(Problem.of(second, text, f"equals {first}", "a different value"))
        if problems:
            raise _refusal(problems)
        return cls(**values)

    def target_group_arn(self, colour: Colour) -> str:
        return self.blue_tg_arn if colour is Colour.BLUE else self.green_tg_arn


def _refusal(problems: list[Problem]) -> ConfigurationError:
    return ConfigurationError(
        what="; ".join(f"{problem.key} {problem.problem}" for problem in problems),
        where="environment of the switch function",
        why="the function can't know what to switch, so it touches nothing",
        mend="deploy the function again with the environment that modules/switching.py gives it",
        problems=problems,
    )
