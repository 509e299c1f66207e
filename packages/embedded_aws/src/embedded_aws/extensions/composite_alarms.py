"""Stock moto has no composite alarms: PutCompositeAlarm answers 500, and no state follows another.

Here a composite alarm has the state that its rule gives, whenever a state is set or an alarm is put or
deleted. DescribeAlarms shows composite alarms to who asks for them, as AWS does.
"""

from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudwatch.exceptions import ValidationError
from moto.cloudwatch.models import Alarm, CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.alarm_rules import Rule, RuleError, parse

# A composite alarm may be about others: each round settles one more level. AWS stops at cycles, too.
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
    _settle(backend)
    return alarm


def _set_alarm_state(
    stock: Callable[..., None], backend: CloudWatchBackend, alarm_name: str, *args: Any
) -> None:
    """A composite alarm keeps a state that was set until another changes (API reference, SetAlarmState)."""
    stock(backend, alarm_name, *args)
    _settle(backend, but=alarm_name)


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


def _settle(backend: CloudWatchBackend, but: str | None = None) -> None:
    """Give every composite alarm, `but` that one, the state that its rule gives now."""
    for _ in range(ROUNDS):
        states = {name: alarm.state_value for name, alarm in backend.alarms.items()}
        changed = False
        for name, alarm in backend.alarms.items():
            if alarm.rule and name != but:
                changed |= _set(alarm, "ALARM" if _rule(alarm.rule).holds(states) else "OK")
        if not changed:
            return


def _set(alarm: Alarm, state: str) -> bool:
    if alarm.state_value == state:
        return False
    alarm.update_state(f"{alarm.rule} is {state == 'ALARM'}".lower(), "{}", state)
    return True


def _rule(text: str) -> Rule:
    try:
        return parse(text)
    except RuleError as error:
        raise ValidationError(f"AlarmRule is not well-formed: {error}") from error
