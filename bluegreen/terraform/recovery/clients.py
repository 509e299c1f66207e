"""Calls of AWS that only look something up."""

from collections.abc import Callable
from typing import Any, TypeVar

from bluegreen.aws import Access

READ_TIMEOUT_SECONDS = 20
ATTEMPTS = 3
# How AWS's services say that they have no such resource.
MISSING = ("NotFound", "NonExistent", "NoSuch")

ClientFor = Callable[[str], Any]  # a boto3 client of the service
Answer = TypeVar("Answer")


def clients(access: Access) -> ClientFor:
    """Clients of that AWS; each is made once."""
    made: dict[str, Any] = {}

    def client_for(service: str) -> Any:
        if service not in made:
            made[service] = access.client(service, read_timeout=READ_TIMEOUT_SECONDS, attempts=ATTEMPTS)
        return made[service]

    return client_for


def calling(
    call: Callable[[], Answer], *, missing: Callable[[], Answer], failed: Callable[[str], Answer]
) -> Answer:
    """What `call` finds, or `missing` where AWS has no such resource, or `failed` with AWS's words."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long

    try:
        return call()
    except ClientError as error:
        if any(word in error.response["Error"]["Code"] for word in MISSING):
            return missing()
        return failed(str(error))
    except (IndexError, KeyError, StopIteration):  # none of it, or an attribute that isn't known yet
        return missing()
    except (BotoCoreError, ValueError) as error:
        return failed(str(error))
