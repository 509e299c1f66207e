"""What has to be allowed for a request: one check for each action, resource and caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iam_evaluation import Caller


@dataclass(frozen=True)
class Check:
    """`session`: the caller's session policy; `endpoint`: the policy of the VPC endpoint on the way. `code`,
    `refusal`: what the client gets where AWS doesn't answer with its usual denial (a service that could not
    use a key, say).
    """

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, Any] = field(default_factory=dict, repr=False)
    session: str | None = field(default=None, repr=False)
    endpoint: str | None = field(default=None, repr=False)
    code: str = ""
    refusal: str = ""
