"""Stock moto writes no Enhanced Monitoring; RDS writes to the log group RDSOSMetrics, as the instance's role.

Here the first document of an instance says only which instance it is of: no operating system is measured.
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.rds.models import DBInstance, RDSBackend

from embedded_aws.authorisation.checks import Check
from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.log_deliveries import Writer, write
from iam_evaluation import Caller

PRINCIPAL = "monitoring.rds.amazonaws.com"
GROUP = "RDSOSMetrics"
RETENTION_DAYS = 30  # "stored in the CloudWatch Logs for 30 days by default"


def install(server: Server) -> None:
    """Extend moto's databases."""

    def made_or_changed(
        stock: Callable[..., DBInstance], backend: RDSBackend, *args: Any, **named: Any
    ) -> DBInstance:
        instance = stock(backend, *args, **named)
        if int(instance.monitoring_interval or 0):
            _measure(server, backend, instance)
        return instance

    for operation in ("create_db_instance", "modify_db_instance"):
        replace(RDSBackend, operation, made_or_changed)


def _measure(server: Server, backend: RDSBackend, instance: DBInstance) -> None:
    here, role = f"{backend.region_name}:{backend.account_id}", str(instance.monitoring_role_arn)
    name, purpose = instance.db_instance_identifier, f"monitoring of {instance.db_instance_identifier}"
    sent = {
        "aws:SourceArn": f"arn:aws:rds:{here}:db:{name}",
        "aws:SourceAccount": backend.account_id,
    }
    group, stream = f"arn:aws:logs:{here}:log-group:{GROUP}", str(instance.dbi_resource_id)
    looks = (("logs:DescribeLogStreams", f"{group}:log-stream:"),)
    writer = Writer(Caller.role(role, "RDSMonitor"), purpose, first=looks, retention_days=RETENTION_DAYS)
    document = {
        "engine": instance.engine,
        "instanceID": name,
        "instanceResourceID": stream,
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "version": 1,
    }
    assumed = Check(Caller.service(PRINCIPAL), "sts:AssumeRole", role, sent)
    if server.authority.allows(assumed, purpose):
        write(server, writer, group, stream, [json.dumps(document)])
