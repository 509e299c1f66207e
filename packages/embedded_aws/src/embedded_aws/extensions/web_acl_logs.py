"""Stock moto takes a log group for a web ACL's log and writes nothing there; AWS tries the delivery at once.

AWS WAF API reference, PutLoggingConfiguration: WAFLogDestinationPermissionIssueException.
"""

from collections.abc import Callable
from typing import Any

from moto.wafv2.exceptions import WAFv2ClientError
from moto.wafv2.models import WAFV2Backend

from embedded_aws.extensions import Server, replace
from embedded_aws.extensions.log_deliveries import open_delivery

REFUSED = (
    "The operation failed because you don't have the permissions that your logging configuration requires."
)


def install(server: Server) -> None:
    """Extend moto's web ACLs."""

    def put(
        stock: Callable[..., Any], backend: WAFV2Backend, arn: str, destinations: list[str], *rest: Any
    ) -> Any:
        for group in destinations:
            if ":log-group:" in group and not open_delivery(
                server, backend.account_id, group, "PutLoggingConfiguration"
            ):
                raise WAFv2ClientError("WAFLogDestinationPermissionIssueException", REFUSED)
        return stock(backend, arn, destinations, *rest)

    replace(WAFV2Backend, "put_logging_configuration", put)
