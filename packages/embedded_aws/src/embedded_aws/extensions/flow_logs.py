"""Stock moto writes no flow log, and calls one FAILED that names its log group by an ARN.

Here each network interface of a network has the record that AWS writes of one without traffic, as the role
that the flow log has: when the flow log or the interface is made, without the aggregation interval. What the
role may not do is AWS's "Access error" (VPC user guide, "Troubleshoot VPC Flow Logs").
https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-records-examples.html
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.flow_logs import FlowLogs, FlowLogsBackend

from embedded_aws.authorisation.checks import Check
from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.log_deliveries import Writer, write
from iam_evaluation import Caller

PRINCIPAL = "vpc-flow-logs.amazonaws.com"
DENIED = "Access error"
TO_LOGS = "cloud-watch-logs"
FIELD = re.compile(r"\$\{([\w-]+)\}")
Made = tuple[list[FlowLogs], list[Any]]


def install(server: Server) -> None:
    """Extend moto's flow logs and network interfaces."""

    def create_flow_logs(stock: Callable[..., Made], backend: Any, *args: Any, **named: Any) -> Made:
        made = stock(backend, *args, **named)
        for flow_log in made[0]:
            if flow_log.log_destination_type == TO_LOGS:
                flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None
                _deliver(server, backend, flow_log, list(backend.enis.values()))
        return made

    def create_network_interface(
        stock: Callable[..., NetworkInterface], backend: Any, *args: Any, **named: Any
    ) -> NetworkInterface:
        made = stock(backend, *args, **named)
        for flow_log in list(backend.flow_logs.values()):
            if flow_log.log_destination_type == TO_LOGS:
                _deliver(server, backend, flow_log, [made])
        return made

    replace(FlowLogsBackend, "create_flow_logs", create_flow_logs)
    replace(NetworkInterfaceBackend, "create_network_interface", create_network_interface)


def _deliver(server: Server, backend: Any, flow_log: FlowLogs, interfaces: Iterable[Any]) -> None:
    """A record of each interface that the flow log is about."""
    here = f"{backend.region_name}:{backend.account_id}"
    group = flow_log.log_destination or f"arn:aws:logs:{here}:log-group:{flow_log.log_group_name}"
    group = group.removesuffix(":*")
    for interface in interfaces:
        if flow_log.resource_id not in (interface.subnet.vpc_id, interface.subnet.id, interface.id):
            continue
        line = _record(flow_log.log_format, backend.account_id, interface)
        delivered = _assumed(server, here, flow_log) and write(
            server, _writer(here, group, flow_log), group, f"{interface.id}-all", [line]
        )
        flow_log.deliver_logs_status = "SUCCESS" if delivered else "FAILED"
        flow_log.deliver_logs_error_message = None if delivered else DENIED


def _assumed(server: Server, here: str, flow_log: FlowLogs) -> bool:
    source = {
        "aws:SourceArn": f"arn:aws:ec2:{here}:vpc-flow-log/{flow_log.id}",
        "aws:SourceAccount": here.partition(":")[2],
    }
    role = flow_log.deliver_logs_permission_arn
    check = Check(Caller.service(PRINCIPAL), "sts:AssumeRole", role, source)
    return server.authority.allows(check, _purpose(flow_log))


def _writer(here: str, group: str, flow_log: FlowLogs) -> Writer:
    """All five actions are needed, says the guide: those that look come first here (inferred)."""
    first = (
        ("logs:DescribeLogGroups", f"arn:aws:logs:{here}:log-group::log-stream:"),
        ("logs:DescribeLogStreams", f"{group}:log-stream:"),
    )
    caller = Caller.role(flow_log.deliver_logs_permission_arn, "vpc-flow-logs")
    return Writer(caller, _purpose(flow_log), first=first, retention_days=0)


def _purpose(flow_log: FlowLogs) -> str:
    return f"flow log {flow_log.id}"


def _record(form: str, account: str, interface: NetworkInterface) -> str:
    """Of no traffic: `2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA`."""
    now = int(time.time())
    known = {
        "version": "2",
        "account-id": account,
        "interface-id": interface.id,
        "start": str(now),
        "end": str(now),
        "log-status": "NODATA",
    }
    return FIELD.sub(lambda found: known.get(found[1], "-"), form)
