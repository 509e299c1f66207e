"""Stock moto has no composite alarms: PutCompositeAlarm answers 500, and no state follows another.

Here a composite alarm has the state that its rule gives, from when it is put and whenever a child of it
changes state. DescribeAlarms shows composite alarms to who asks for them, as AWS does.
"""

from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.alarm_rules import Rule, RuleError, parse

# A composite alarm may be about others: so many levels are followed. AWS stops at cycles, too.
ROUNDS = 10


def install(_: Server) -> None:
    """Extend moto's alarms."""
    setattr(CloudWatchResponse, "put_composite_alarm", _put_composite_alarm)  # noqa: B010 - not in its stubs
    replace(CloudWatchResponse, "describe_alarms", _describe_alarms)
    replace(CloudWatchBackend, "put_metric_alarm", _put_alarm)
    replace(CloudWatchBackend, "set_alarm_state", _set_alarm_state)
    replace(CloudWatchBackend, "delete_alarms", _delete_alarms)
    replace(CloudWatchBackend, "get_alarms_by_state_value", _alarms_in_state)


def _put_composite_alarm(response: CloudWatchResponse) -> EmptyResult:
    backend, name = response.cloudwatch_backend, response._get_param("AlarmName")
    rule = _rule(response._get_param("AlarmRule"))
    missing = sorted(alarm for alarm in rule.alarms if alarm not in backend.alarms)
    if missing:
        raise ValidationError(f"AlarmRule names alarms that do not exist: {', '.join(missing)}")
    response.put_metric_alarm()
    # Moto's answers are made of attributes, by the names of the API.
    vars(backend.alarms[name])["alarm_rule"] = backend.alarms[name].rule
    return EmptyResult()


def _describe_alarms(
    stock: Callable[[CloudWatchResponse], Any], response: CloudWatchResponse
) -> ActionResult:
    """Without AlarmTypes, only metric alarms (API reference, DescribeAlarms)."""
    found: dict[str, list[Alarm]] = stock(response).result
    types = response._get_param("AlarmTypes") or ["MetricAlarm"]
    return ActionResult(
        {
            f"{kind}s": list(found[f"{kind}s"]) if kind in types else []
            for kind in ("MetricAlarm", "CompositeAlarm")
        }
    )


def _put_alarm(stock: Callable[..., Alarm], backend: CloudWatchBackend, **named: Any) -> Alarm:
    """An alarm that is changed stays in its state, unlike in stock moto: an apply quietens nothing."""
    before = backend.alarms.get(named["name"])
    alarm = stock(backend, **named)
    if before is not None:
        alarm.state_value = before.state_value
    if alarm.rule:
        _evaluate(backend, alarm)
    return alarm


def _set_alarm_state(
    stock: Callable[..., None], backend: CloudWatchBackend, alarm_name: str, *args: Any
) -> None:
    """A composite alarm whose state was set returns to its actual state only once any of its children
    changes state, or it is put again (API reference, SetAlarmState).
    """
    before = backend.alarms[alarm_name].state_value if alarm_name in backend.alarms else None
    stock(backend, alarm_name, *args)
    if backend.alarms[alarm_name].state_value != before:
        _evaluate_parents(backend, alarm_name)


def _alarms_in_state(
    stock: Callable[..., Iterable[Alarm]], backend: CloudWatchBackend, target_state: str
) -> list[Alarm]:
    """Stock's iterator is used up when it comes to the composite alarms."""
    return list(stock(backend, target_state))


def _delete_alarms(stock: Callable[..., None], backend: CloudWatchBackend, alarm_names: list[str]) -> None:
    """AWS deletes no alarm that a remaining composite alarm is about."""
    for name, alarm in backend.alarms.items():
        used = _rule(alarm.rule).alarms & set(alarm_names) if alarm.rule else set()
        if used and name not in alarm_names:
            raise ValidationError(f"{name} still depends on {', '.join(sorted(used))}")
    stock(backend, alarm_names)


def _evaluate_parents(backend: CloudWatchBackend, changed: str, rounds: int = ROUNDS) -> None:
    """Evaluate the composite alarms that are about the changed one."""
    for alarm in list(backend.alarms.values()):
        if rounds and alarm.rule and changed in _rule(alarm.rule).alarms:
            _evaluate(backend, alarm, rounds - 1)


def _evaluate(backend: CloudWatchBackend, alarm: Alarm, rounds: int = ROUNDS) -> None:
    """Give the composite alarm the state that its rule gives now, and those that are about it."""
    states = {name: each.state_value for name, each in backend.alarms.items()}
    state = "ALARM" if _rule(alarm.rule).holds(states) else "OK"
    if alarm.state_value != state:
        alarm.update_state(f"{alarm.rule} is {state == 'ALARM'}".lower(), "{}", state)
        _evaluate_parents(backend, alarm.name, rounds)


def _rule(text: str | None) -> Rule:
    try:
        return parse(text or "")
    except RuleError as error:
        raise ValidationError(f"AlarmRule is not well-formed: {error}") from error
