"""Customers' sessions: one table for both colours, so that a customer keeps the session across a switch (R12,
R13).
"""

from constructs import Construct

from modules.config import Deployment
from modules.foundation.encryption import Encryption
from modules.foundation.table import durable_table


class Sessions(Construct):
    """DynamoDB table: one item a session, key `session_id`, gone at `expires_at` (epoch seconds)."""

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment, encryption: Encryption) -> None:
        super().__init__(scope, id_)
        self.table = durable_table(
            self,
            name=f"{deployment.prefix}-sessions",
            attributes={"session_id": "S"},
            hash_key="session_id",
            encryption=encryption,
        )
        self.table.put_ttl(enabled=True, attribute_name="expires_at")
