"""Stock moto takes a bucket's EventBridge notification, and doesn't show it when asked.

Terraform would find it missing after every apply.
"""

from collections.abc import Callable
from typing import Any

from moto.s3.responses import S3Response

from embedded_aws.extensions import Server, replace

Answer = tuple[int, dict[str, Any], Any]


def install(_: Server) -> None:
    """Extend moto's object storage."""
    replace(S3Response, "get_bucket_notification", _get_bucket_notification)


def _get_bucket_notification(stock: Callable[[S3Response], Answer], response: S3Response) -> Answer:
    status, headers, body = stock(response)
    notifications = response.backend.get_bucket_notification_configuration(response.bucket_name)
    if notifications and notifications.event_bridge is not None:
        body = _with_event_bridge(body)
    return status, headers, body


def _with_event_bridge(document: Any) -> str:
    text = document.decode() if isinstance(document, bytes) else str(document)
    start, end = "<NotificationConfiguration", "</NotificationConfiguration>"
    if text.endswith("/>"):
        text = text.removesuffix("/>") + ">" + end
    if start not in text or end not in text:
        raise ValueError(
            f"moto's answer to GetBucketNotificationConfiguration has another form than expected: {text}"
        )
    return text.replace(end, "<EventBridgeConfiguration/>" + end)
