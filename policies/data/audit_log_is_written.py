"""The audit log has something in it."""

from collections.abc import Iterator, Mapping

from stack_gate.stack import number

from policies.data._parameters import ParameterPolicy, is_on

EVERYTHING = "QUERY"
SLOW = 60  # seconds
# Who connected, and who changed structure and privileges.
EVENTS = ("CONNECT", "QUERY_DCL", "QUERY_DDL")


class AuditLogIsWritten(ParameterPolicy):
    policy = "CKV_BG_126"
    title = "The parameters of each cluster write the audit log and the slow-query log to files"
    requirement = "R21"
    pci = "10.2.1"
    why = (
        "The audit log is exported, and empty: server_audit_logging and server_audit_events are off "
        "by default"
    )
    fix = (
        'set the parameters server_audit_logging = "1" and server_audit_events = '
        '"CONNECT,QUERY_DCL,QUERY_DDL" in '
        "an aws_rds_cluster_parameter_group, and name it in the cluster"
    )

    def wrong(self, parameters: Mapping[str, str]) -> Iterator[str]:
        if not is_on(parameters, "server_audit_logging"):
            yield "does not turn server_audit_logging on"
        if not is_on(parameters, "slow_query_log"):
            yield "does not turn slow_query_log on"
        if (output := parameters.get("log_output", "FILE")) != "FILE":
            yield f"writes logs to {output}, which is not exported"
        if (slowest := number(parameters.get("long_query_time", "1"))) is None or slowest > SLOW:
            yield f"logs queries that take longer than {parameters.get('long_query_time')} s"
        audited = [event.strip() for event in parameters.get("server_audit_events", "").split(",")]
        wanted = [e for e in EVENTS if not (EVERYTHING in audited and e.startswith(EVERYTHING))]
        if lacking := [event for event in wanted if event not in audited]:
            yield f"does not have {', '.join(lacking)} in server_audit_events"


check = AuditLogIsWritten()
