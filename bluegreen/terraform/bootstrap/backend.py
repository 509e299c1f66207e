"""The remote backend as the synthesized stack names it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StateBackend:
    """An S3 backend. `key`: of the state object; `tags`: what a new bucket and key get."""

    account_id: str
    region: str
    bucket: str
    key: str
    kms_key_id: str
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def plans(self) -> str:
        """Prefix under which plans wait for their approval."""
        return f"plans/{self.key.rpartition('/')[0]}/"

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def state_backend(document: Mapping[str, Any]) -> StateBackend | None:
    """The S3 backend of a synthesized stack; None where its state is kept elsewhere."""
    backend = document.get("terraform", {}).get("backend", {}).get("s3")
    if backend is None:
        return None
    provider = document["provider"]["aws"][0]
    (tags, *_) = provider.get("default_tags", [{}])
    return StateBackend(
        account_id=provider["allowed_account_ids"][0],
        region=backend["region"],
        bucket=backend["bucket"],
        key=backend["key"],
        kms_key_id=backend["kms_key_id"],
        tags=tags.get("tags", {}),
    )
