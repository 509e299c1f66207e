"""Who is asking: the identity that goes into the history beside the reason."""

from bluegreen.aws import Access
from lambda_src.contract.limits import BY_LIMIT

READ_TIMEOUT_SECONDS = 5
ATTEMPTS = 2


class IdentityUnknownError(Exception):
    """STS could not be asked. The message says why."""


def caller(access: Access) -> str:
    """The ARN of the identity that `access` acts with; of a longer one its end, where the session's name is.

    Raises IdentityUnknownError.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    try:
        client = access.client("sts", read_timeout=READ_TIMEOUT_SECONDS, attempts=ATTEMPTS)
        arn: str = client.get_caller_identity()["Arn"]
    except (BotoCoreError, ClientError, ResponseParserError, ValueError) as error:
        raise IdentityUnknownError(str(error)) from error
    return arn[-BY_LIMIT:]
