"""Sessions are refused or lost, for both colours at once.

Source: DynamoDB developer guide, "DynamoDB metrics and dimensions".
"""

from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable

from modules.monitoring.alarm import Alarm, Metric, total

# SystemErrors exists per operation only: those that a session store uses, of the ones that publish it.
OPERATIONS = ("BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")


def session_alarms(table: DynamodbTable) -> list[Alarm]:
    """Throttled reads and writes, and DynamoDB's own errors. Throttles exist per table, errors don't."""
    errors = [_table(table, "SystemErrors", {"Operation": operation}, period=300) for operation in OPERATIONS]
    return [
        *(
            Alarm(
                name=f"session-{kind.lower()}-throttles",
                measure=_table(table, f"{kind}ThrottleEvents", {}),
                threshold=0,
                unit="Count",
                datapoints=3,
                periods=5,
                what=f"DynamoDB refuses {kind.lower()}s of sessions: customers are logged out.",
                mend="See whether one key is hot (Contributor Insights) or the account's quota is reached; "
                "on-demand tables double their capacity within minutes.",
                section="Sessions",
            )
            for kind in ("Read", "Write")
        ),
        Alarm(
            name="session-system-errors",
            measure=total("operation", errors, "Requests that DynamoDB failed"),
            threshold=0,
            unit="Count",
            datapoints=2,
            periods=3,
            what="DynamoDB fails requests for sessions by its own fault.",
            mend="Look at the AWS Health dashboard; clients retry, so watch the response time.",
            section="Sessions",
        ),
    ]


def _table(table: DynamodbTable, name: str, dimensions: dict[str, str], period: int = 60) -> Metric:
    return Metric(
        namespace="AWS/DynamoDB",
        name=name,
        dimensions={"TableName": table.name} | dimensions,
        statistic="Sum",
        period=period,
    )
