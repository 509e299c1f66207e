"""Why a request is refused, whatever the protocol of its service."""

from enum import StrEnum


class Reason(StrEnum):
    """What is wrong with a request's signature. `errors.py` has AWS's code for each."""

    missing = "it has no signature"
    incomplete = "its signature lacks a part, or a part is malformed"
    old_version = "it has a signature of version 2"
    unknown_key = "there is no such access key"
    wrong_token = "its session token is not that of its key"  # noqa: S105 - words for people
    expired_token = "its session token has expired"  # noqa: S105
    no_payload_hash = "its payload's hash is missing"
    mismatch = "its signature is wrong"
    skewed = "it was signed too long ago, or in the future"
    expired = "its presigned URL has expired"
    unsigned_headers = "headers that must be signed are not"
    wrong_payload = "its payload is not the one that was signed"


class Refused(Exception):  # noqa: N818 - named after what happens to the request
    """A request is answered with an error of AWS. `detail`: its message, if it depends on the request."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason, self.detail = reason, detail


class Denied(Exception):  # noqa: N818 - named after what happens to the request
    """A policy doesn't allow a request. `code`: AWS's, where it is another than the usual one."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
