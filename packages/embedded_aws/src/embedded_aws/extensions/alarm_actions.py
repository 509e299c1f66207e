"""Stock moto's alarms notify no one. CloudWatch publishes to an alarm's topics when its state changes.

Source: CloudWatch user guide, "Alarm actions"; API reference, PutMetricAlarm (AlarmActions, OKActions,
InsufficientDataActions, ActionsEnabled).
"""

import json
from collections.abc import Callable
from typing import Any

from moto.cloudwatch.models import Alarm
from moto.utilities.arns import parse_arn

from embedded_aws.extensions import Server, replace

ACTIONS = {"ALARM": "alarm_actions", "OK": "ok_actions", "INSUFFICIENT_DATA": "insufficient_data_actions"}


def install(_: Server) -> None:
    """Extend moto's alarms."""
    replace(Alarm, "update_state", _update_state)


def _update_state(
    stock: Callable[..., None], alarm: Alarm, reason: str, reason_data: str, state_value: str
) -> None:
    before = alarm.state_value
    stock(alarm, reason, reason_data, state_value)
    if state_value == before or not alarm.actions_enabled:
        return
    message = {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.alarm_arn,
        "NewStateValue": state_value,
        "OldStateValue": before,
        "NewStateReason": reason,
    }
    for arn in getattr(alarm, ACTIONS[state_value]) or ():
        if ":sns:" in arn:
            _publish(arn, message)


def _publish(topic_arn: str, message: dict[str, Any]) -> None:
    # Imported here: it takes a while to load, and most alarms change no state.
    from moto.sns.models import sns_backends  # noqa: PLC0415

    where = parse_arn(topic_arn)
    topic = sns_backends[where.account][where.region].topics.get(topic_arn)
    if topic is not None:
        subject = f'{message["NewStateValue"]}: "{message["AlarmName"]}"'
        topic.publish(json.dumps(message), subject=subject[:100])
