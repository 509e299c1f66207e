"""Who is asking, proven: a request to STS, signed and sent along, not made (contract/attestation.py)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from bluegreen.aws import Access
from lambda_src.contract.attestation import LIFETIME_SECONDS, QUERY, digest_of, headers

READ_TIMEOUT_SECONDS = 5
ATTEMPTS = 2


class IdentityUnknownError(Exception):
    """There are no credentials to sign with, or STS could not be asked. The message says why."""


def attest(access: Access, function_arn: str, request_id: str, document: Mapping[str, Any]) -> str:
    """A presigned URL that says, to this function and for this request only, who `access` acts as.

    `function_arn`: with the alias that is invoked; `document`: what is asked. Raises IdentityUnknownError.
    """
    from botocore.auth import SigV4QueryAuth  # noqa: PLC0415 - loading it takes long
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - as above
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - as above

    try:
        endpoint, credentials = access.signing("sts")
        signed = headers(request_id, function_arn, digest_of(document))
        request = AWSRequest("GET", f"{endpoint}/?{urlencode(QUERY)}", signed)
        SigV4QueryAuth(credentials, "sts", access.region, expires=LIFETIME_SECONDS).add_auth(request)
    except (BotoCoreError, ValueError) as error:
        raise IdentityUnknownError(str(error)) from error
    return str(request.url)


def arn_of(access: Access, function: str) -> str:
    """The ARN of a function, of the caller's account where it is only named. Raises IdentityUnknownError."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    if function.startswith("arn:"):
        return function
    try:
        client = access.client("sts", read_timeout=READ_TIMEOUT_SECONDS, attempts=ATTEMPTS)
        _, partition, _, _, account, *_ = client.get_caller_identity()["Arn"].split(":")
    except (BotoCoreError, ClientError, ResponseParserError, ValueError) as error:
        raise IdentityUnknownError(str(error)) from error
    return f"arn:{partition}:lambda:{access.region}:{account}:function:{function}"
