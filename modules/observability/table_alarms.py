"""What is kept for both colours is refused or lost: sessions, and what the switch remembers.

Source: DynamoDB developer guide, "DynamoDB metrics and dimensions".
"""

from collections.abc import Sequence

from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable

from modules.observability.alarm import Alarm, Metric, Section, total

# SystemErrors exists per operation only: those that a session store uses, of the ones that publish it.
SESSION_OPERATIONS = (
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "UpdateItem",
)
# Those of the switch function.
CONTROL_OPERATIONS = ("GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem")


def session_alarms(table: DynamodbTable) -> list[Alarm]:
    """Throttled reads and writes, and DynamoDB's own errors. Throttles exist per table, errors don't."""
    return _table_alarms(
        table,
        called="session",
        operations=SESSION_OPERATIONS,
        refused="DynamoDB refuses {kind}s of sessions: customers are logged out.",
        failed="DynamoDB fails requests for sessions by its own fault.",
        meanwhile="clients retry, so watch the response time.",
        section="Sessions",
    )


def control_alarms(table: DynamodbTable) -> list[Alarm]:
    """The same for the table in which the switch has its lock and history."""
    return _table_alarms(
        table,
        called="control",
        operations=CONTROL_OPERATIONS,
        refused="DynamoDB refuses {kind}s of the switch's lock and history: shifts fail or go back.",
        failed="DynamoDB fails requests for the switch's lock and history by its own fault.",
        meanwhile="the traffic stays where it is meanwhile; shift again when it is over.",
        section=None,
    )


def _table_alarms(
    table: DynamodbTable,
    *,
    called: str,
    operations: Sequence[str],
    refused: str,
    failed: str,
    meanwhile: str,
    section: Section | None,
) -> list[Alarm]:
    errors = [
        _metric(table, "SystemErrors", {"Operation": operation}, period=300) for operation in operations
    ]
    return [
        *(
            Alarm(
                name=f"{called}-{kind.lower()}-throttles",
                measure=_metric(table, f"{kind}ThrottleEvents", {}),
                threshold=0,
                unit="Count",
                datapoints=3,
                periods=5,
                what=refused.format(kind=kind.lower()),
                fix="See whether one key is hot (Contributor Insights) or the account's quota is reached; "
                "on-demand tables double their capacity within minutes.",
                section=section,
            )
            for kind in ("Read", "Write")
        ),
        Alarm(
            name=f"{called}-system-errors",
            measure=total("operation", errors, "Requests that DynamoDB failed"),
            threshold=0,
            unit="Count",
            datapoints=2,
            periods=3,
            what=failed,
            fix=f"Look at the AWS Health dashboard; {meanwhile}",
            section=section,
        ),
    ]


def _metric(table: DynamodbTable, name: str, dimensions: dict[str, str], period: int = 60) -> Metric:
    return Metric(
        namespace="AWS/DynamoDB",
        name=name,
        dimensions={"TableName": table.name} | dimensions,
        statistic="Sum",
        period=period,
    )
