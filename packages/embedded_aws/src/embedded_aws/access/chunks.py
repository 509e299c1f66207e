"""Payloads that S3's clients send in signed chunks: each one's signature is made of the one before.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

import hashlib
import hmac
import re
from collections.abc import Callable

from embedded_aws.access.claims import ALGORITHM, Claim
from embedded_aws.access.refusals import Reason, Refused

WITH_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
SIGNED_STREAMS = ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", WITH_TRAILER)
STREAMS = (*SIGNED_STREAMS, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
HEAD = re.compile(rb"([0-9a-fA-F]{1,16});chunk-signature=([0-9a-f]{64})\r\n")
TRAILER_SIGNATURE = b"x-amz-trailer-signature:"
EMPTY_HASH = hashlib.sha256(b"").hexdigest()

Sign = Callable[[str], str]


def verify(claim: Claim, body: bytes, sign: Sign, *, trailing: bool = False) -> None:
    """Raise Refused unless each chunk has the signature that it must have, and the trailer, too.

    `sign`: the signature of a string to sign; `trailing`: whether there must be a trailer, or none.
    """
    before, position, size = claim.signature, 0, 1
    while size > 0:
        head = HEAD.match(body, position)
        if head is None:
            raise Refused(Reason.mismatch)
        size = int(head[1], 16)
        data = body[head.end() : head.end() + size]
        position = head.end() + size
        to_sign = (f"{ALGORITHM}-PAYLOAD", claim.time, claim.scope, before, EMPTY_HASH, _hash(data))
        before = _checked(sign, to_sign, head[2])
        if size > 0:
            if len(data) < size or body[position : position + 2] != b"\r\n":
                raise Refused(Reason.mismatch)
            position += 2
    lines = [line.strip() for line in body[position:].split(b"\n") if line.strip()]
    if trailing:
        _verify_trailer(claim, lines, before, sign)
    elif lines:
        raise Refused(Reason.mismatch)


def _verify_trailer(claim: Claim, lines: list[bytes], before: str, sign: Sign) -> None:
    signatures = [line for line in lines if line.startswith(TRAILER_SIGNATURE)]
    if len(signatures) != 1:
        raise Refused(Reason.mismatch)
    headers = b"".join(line + b"\n" for line in lines if line not in signatures)
    to_sign = (f"{ALGORITHM}-TRAILER", claim.time, claim.scope, before, _hash(headers))
    _checked(sign, to_sign, signatures[0].removeprefix(TRAILER_SIGNATURE).strip())


def _checked(sign: Sign, lines: tuple[str, ...], given: bytes) -> str:
    expected = sign("\n".join(lines))
    if not hmac.compare_digest(expected.encode(), given):
        raise Refused(Reason.mismatch)
    return expected


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
