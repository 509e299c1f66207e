"""Stock moto carries out no action of an alarm; CloudWatch publishes to the topics that it names.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
It calls under its own name, with the alarm's ARN and account. A state change is told when it is over: moto's
alarms wait for one request at a time, so a thread of its own publishes, in order.
"""

import json
import logging
import queue
import threading
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudwatch.models import Alarm
from moto.utilities.arns import parse_arn

from embedded_aws.clients import boto_client
from embedded_aws.extensions import Server, replace

PRINCIPAL = "cloudwatch.amazonaws.com"
ACTIONS = {"ALARM": "alarm_actions", "OK": "ok_actions", "INSUFFICIENT_DATA": "insufficient_data_actions"}

log = logging.getLogger(__name__)


def install(server: Server) -> None:
    """Extend moto's alarms."""
    changes: queue.Queue[tuple[str, str, dict[str, Any]]] = queue.Queue()

    def update_state(
        stock: Callable[..., None], alarm: Alarm, reason: str, reason_data: str, state_value: str
    ) -> None:
        before = alarm.state_value
        stock(alarm, reason, reason_data, state_value)
        if before != state_value and alarm.actions_enabled:
            for action in getattr(alarm, ACTIONS[state_value]) or ():
                changes.put((action, alarm.alarm_arn, _message(alarm, before)))

    replace(Alarm, "update_state", update_state)
    threading.Thread(target=_publish, args=(server, changes), daemon=True, name="alarm actions").start()


def _publish(server: Server, changes: "queue.Queue[tuple[str, str, dict[str, Any]]]") -> None:
    while True:
        topic, alarm, message = changes.get()
        where = parse_arn(topic)
        if where.service != "sns":
            continue
        context = {"aws:SourceArn": alarm, "aws:SourceAccount": parse_arn(alarm).account}
        credentials = server.keys.of_service(PRINCIPAL, context)
        subject = f'{message["NewStateValue"]}: "{message["AlarmName"]}" in {where.region}'
        try:
            boto_client("sns", server.endpoint, credentials, where.region).publish(
                TopicArn=topic, Subject=subject[:99], Message=json.dumps(message)
            )
        except (BotoCoreError, ClientError) as error:
            log.warning("%s did not reach %s: %s", alarm, topic, error)


def _message(alarm: Alarm, before: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-notifications.html"""
    where = parse_arn(alarm.alarm_arn)
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": where.account,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "StateChangeTime": alarm.state_updated_timestamp.isoformat(),
        "Region": where.region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": before,
        **({"AlarmRule": alarm.rule} if alarm.rule else {}),
    }
