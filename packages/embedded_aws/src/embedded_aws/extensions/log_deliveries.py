"""What AWS's services write to log groups, each as the principal or role that it writes with.

A write that is denied is not made. `bluegreen local denials` lists it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
"""

import json
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import Use, checks
from embedded_aws.extensions import Server
from iam_evaluation import Caller

PRINCIPAL = "delivery.logs.amazonaws.com"
ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")
# The policy that CloudWatch Logs itself keeps for vended logs.
POLICY = "AWSLogDeliveryWrite20150319"
# A new delivery is tried at once. AWS RTB Fabric user guide, "Configure log delivery": "CloudWatch Logs
# writes a single record to a stream named …"; the record as public logs of Step Functions have it.
STREAM = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions"
RECORD = (
    "Permissions are set correctly to allow AWS CloudWatch Logs to write into your logs while creating a "
    "subscription."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Writer:
    """`context`: the condition keys that it sends; `purpose`: what for, in the list of denials.

    `first`: actions that it needs besides, such as to look for the group, and their resources.
    `retention_days`: None where it writes to groups that exist; else it makes the group, and keeps it so
    long (0: for ever).
    """

    caller: Caller
    purpose: str
    context: Mapping[str, Any] = field(default_factory=dict)
    first: tuple[tuple[str, str], ...] = ()
    retention_days: int | None = None


def write(server: Server, writer: Writer, group: str, stream: str, lines: Sequence[str]) -> bool:
    """Whether it was allowed to. `group`: its ARN, without `:*`."""
    _, _, _, region, account, _, name = group.split(":", 6)
    logs = _logs(account, region)
    needed = [*writer.first]
    if name not in logs.groups:
        if writer.retention_days is None:
            log.warning("%s: there is no %s", writer.purpose, group)
            return False
        needed.append(("logs:CreateLogGroup", f"{group}:log-stream:"))
        needed += [("logs:PutRetentionPolicy", f"{group}:log-stream:")] if writer.retention_days else []
    known = name in logs.groups and stream in logs.groups[name].streams
    needed += [(action, f"{group}:log-stream:{stream}") for action in ACTIONS[known:]]
    asked = (Check(writer.caller, action, resource, writer.context) for action, resource in needed)
    if not all(server.authority.allows(check, writer.purpose) for check in asked):
        return False
    logs.ensure_log_group(name)
    if writer.retention_days and not logs.groups[name].retention_in_days:
        logs.put_retention_policy(name, writer.retention_days)
    if not all(server.authority.allows(check, writer.purpose) for check in _key_uses(logs, name, region)):
        return False
    if not known:
        logs.create_log_stream(name, stream)
    now = int(time.time() * 1000)
    logs.put_log_events(name, stream, [{"timestamp": now, "message": line} for line in lines])
    return True


def _key_uses(logs: Any, name: str, region: str) -> Iterator[Check]:
    """Of an encrypted group, by the service itself. CloudWatch Logs user guide, "Encrypt log data"; that a
    write needs these two of the documented actions is inferred.
    """
    group = logs.groups[name]
    use = Use(group.kms_key_id or "", ("GenerateDataKey", "Encrypt"), "logs", (("aws:logs:arn", group.arn),))
    return checks(use, Caller.service(f"logs.{region}.amazonaws.com"), region)


def vended(account: str, region: str, purpose: str) -> Writer:
    """The log delivery of CloudWatch Logs, for services that hand it their logs."""
    sent = {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*", "aws:SourceAccount": account}
    return Writer(Caller.service(PRINCIPAL), purpose, sent)


def open_delivery(server: Server, account: str, group: str, purpose: str) -> bool:
    """Set the delivery to a log group up, and try it. Whether its record could be written.

    Where no log resource policy admits the delivery, AWS adds a statement to its own policy, in the name of
    who sets the delivery up: that caller's permissions are checked before (authorisation/dependents.py).
    """
    group = group.removesuffix(":*")
    region = group.split(":")[3]
    writer = vended(account, region, purpose)
    stream = f"{group}:log-stream:{STREAM}"
    asked = [Check(writer.caller, action, stream, writer.context) for action in ACTIONS]
    if not all(server.authority.would_allow(check) for check in asked):
        _admit(account, region, f"{group}:log-stream:*")
    return write(server, writer, group, STREAM, [RECORD])


def _admit(account: str, region: str, streams: str) -> None:
    logs = _logs(account, region)
    own = logs.resource_policies.get(POLICY)
    resources: Iterable[str] = json.loads(own.policy_document)["Statement"][0]["Resource"] if own else ()
    statement = {
        "Sid": "AWSLogDeliveryWrite",
        "Effect": "Allow",
        "Principal": {"Service": [PRINCIPAL]},
        "Action": list(ACTIONS),
        "Resource": list(dict.fromkeys((*resources, streams))),
        "Condition": {
            "StringEquals": {"aws:SourceAccount": [account]},
            "ArnLike": {"aws:SourceArn": [f"arn:aws:logs:{region}:{account}:*"]},
        },
    }
    logs.put_resource_policy(POLICY, json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def _logs(account: str, region: str) -> Any:
    # Imported here: a service that delivers logs may be in use before CloudWatch Logs is.
    from moto.logs.models import logs_backends  # noqa: PLC0415

    return logs_backends[account][region]
