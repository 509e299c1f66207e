"""Stock moto forgets RotationPeriodInDays: Terraform would find every key that names one changed."""

import json
from collections.abc import Callable
from typing import Any

from moto.kms.models import Key
from moto.kms.responses import KmsResponse

from embedded_aws.extensions import Server, replace

DEFAULT_PERIOD_DAYS = 365
PERIOD = "bluegreen_rotation_period_days"


def install(_: Server) -> None:
    """Extend moto's key management."""
    replace(KmsResponse, "enable_key_rotation", _enable_key_rotation)
    replace(KmsResponse, "get_key_rotation_status", _get_key_rotation_status)


def _key(response: KmsResponse) -> Key:
    return response.kms_backend.keys[response.kms_backend.get_key_id(response._get_param("KeyId"))]


def _enable_key_rotation(stock: Callable[[KmsResponse], str], response: KmsResponse) -> str:
    answer = stock(response)
    vars(_key(response))[PERIOD] = response._get_param("RotationPeriodInDays") or DEFAULT_PERIOD_DAYS
    return answer


def _get_key_rotation_status(stock: Callable[[KmsResponse], str], response: KmsResponse) -> str:
    status: dict[str, Any] = json.loads(stock(response))
    if status["KeyRotationEnabled"]:
        key = _key(response)
        status |= {"KeyId": key.id, "RotationPeriodInDays": vars(key).get(PERIOD, DEFAULT_PERIOD_DAYS)}
    return json.dumps(status)
