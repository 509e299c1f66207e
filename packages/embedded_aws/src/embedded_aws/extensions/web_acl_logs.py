"""Stock moto takes a log group for a web ACL's log; AWS lets its log delivery write there.

A log resource policy for it is added beside those that there are, unless one of them allows it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
"""

import json
from collections.abc import Callable
from typing import Any

from moto.logs.models import logs_backends
from moto.wafv2.models import WAFV2Backend

from embedded_aws.authorisation.checks import Check
from embedded_aws.extensions import Server, replace
from iam_evaluation import Caller

PRINCIPAL = "delivery.logs.amazonaws.com"
ACTIONS = ("logs:CreateLogStream", "logs:PutLogEvents")
NAME = "AWSLogDeliveryWrite20150319"


def install(server: Server) -> None:
    """Extend moto's web ACLs."""

    def put(
        stock: Callable[..., Any], backend: WAFV2Backend, arn: str, destinations: list[str], *rest: Any
    ) -> Any:
        for group in destinations:
            if ":log-group:" in group:
                let_write(server, backend.account_id, group.removesuffix(":*"))
        return stock(backend, arn, destinations, *rest)

    replace(WAFV2Backend, "put_logging_configuration", put)


def let_write(server: Server, account: str, group: str) -> None:
    """Unless a policy does already, as the setup of each vended log does."""
    region = group.split(":")[3]
    sent = {"aws:SourceArn": f"arn:aws:logs:{region}:{account}:*", "aws:SourceAccount": account}
    checks = [Check(Caller.service(PRINCIPAL), action, f"{group}:log-stream:x", sent) for action in ACTIONS]
    if all(server.authority.allows(check, "PutLoggingConfiguration") for check in checks):
        return
    statement = {
        "Sid": NAME,
        "Effect": "Allow",
        "Principal": {"Service": [PRINCIPAL]},
        "Action": list(ACTIONS),
        "Resource": [f"{group}:log-stream:*"],
        "Condition": {
            "StringEquals": {"aws:SourceAccount": [account]},
            "ArnLike": {"aws:SourceArn": [sent["aws:SourceArn"]]},
        },
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    logs_backends[account][region].put_resource_policy(NAME, document)
