"""What the switch remembers: who moves traffic now, and who moved it when and why."""

from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTableLocalSecondaryIndex
from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.iam import Statement
from modules.foundation.table import durable_table

INDEX = "by-time"


class ControlTable(Construct):
    """DynamoDB table, key `kind` and `id`: the lock and the history of the switch.

    kind=control, id=traffic: the lock with its lease and fencing token, freeze, workflow, approval, abort.
    kind=action, id=<request id>: one item an action; by their time (`started_at`, ISO 8601) in the index
    `by-time`. Nothing in it expires: it is part of the audit trail (PCI DSS 10.5.1).
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self.table = durable_table(
            self,
            name=f"{deployment.prefix}-control",
            attributes={"id": "S", "kind": "S", "started_at": "S"},
            hash_key="kind",
            encryption=encryption,
        )
        self.table.range_key = "id"
        self.table.put_local_secondary_index(
            [DynamodbTableLocalSecondaryIndex(name=INDEX, range_key="started_at", projection_type="ALL")]
        )

    def use(self) -> list[Statement]:
        """What the switch may do with it. TransactWriteItems is allowed by the actions that it consists of.

        Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon DynamoDB".
        """
        return [
            Statement(
                sid="LockAndRemember",
                actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                resources=[self.table.arn],
            ),
            self._history(),
        ]

    def lock(self) -> list[Statement]:
        """What a function may do with it that holds the lock and notes its end."""
        return [
            Statement(
                sid="LockAndNote",
                actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                resources=[self.table.arn],
            )
        ]

    def look(self) -> list[Statement]:
        """What the function that reads may do with it."""
        return [
            Statement(sid="ReadControl", actions=["dynamodb:GetItem"], resources=[self.table.arn]),
            self._history(),
        ]

    def _history(self) -> Statement:
        index = f"{self.table.arn}/index/{INDEX}"
        return Statement(sid="ReadHistory", actions=["dynamodb:Query"], resources=[index])
