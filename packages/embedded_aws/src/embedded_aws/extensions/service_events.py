"""What AWS's services tell EventBridge about their resources: to the rules of the default bus."""

import logging
import time
import uuid
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

log = logging.getLogger(__name__)


def announce(
    source: str, detail_type: str, place: tuple[str, str], resources: list[str], detail: Mapping[str, Any]
) -> None:
    """`place`: account and region. What can't be delivered is logged."""
    # Imported here: it takes a while to load, and most events have no rule.
    from moto.events.models import events_backends  # noqa: PLC0415

    account, region = place
    event: Any = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": time.time(),
        "ingestion-time": time.time(),
        "region": region,
        "resources": resources,
        "detail": detail,
    }
    bus = events_backends[account][region].event_buses.get("default")
    for rule in list(bus.rules.values()) if bus else []:
        if rule.state == "ENABLED" and rule.event_pattern.get_pattern():
            try:
                rule.send_to_targets(event)
            except (BotoCoreError, ClientError) as error:
                log.warning("%s of %s did not reach a target: %s", detail_type, resources, error)
