"""AWS's own codes for what is wrong with a signature, and for what no policy allows.

Sources: each service's API reference, "Common Errors" (IAM's for XML, Lambda's for REST with JSON),
"Error handling" of the DynamoDB developer guide for JSON, and S3's
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from enum import Enum

from embedded_aws.access.refusals import Reason

MISSING = "Request is missing Authentication Token"
INVALID = "The security token included in the request is invalid."
EXPIRED = "The security token included in the request is expired"
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
NOT_SIGNED = "There were headers present in the request which were not signed"
# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html: of buckets since 2020
OLD_VERSION = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
INCOMPLETE = "The request signature does not conform to AWS standards."


class Protocol(Enum):
    """How a service answers."""

    query = "query"
    ec2 = "ec2"
    json = "json"
    rest_json = "rest-json"
    s3 = "s3"


Error = tuple[int, str, str]  # status, code, message

_XML: dict[Reason, Error] = {
    Reason.missing: (403, "MissingAuthenticationToken", MISSING),
    Reason.incomplete: (400, "IncompleteSignature", INCOMPLETE),
    Reason.old_version: (400, "IncompleteSignature", OLD_VERSION),
    Reason.unknown_key: (403, "InvalidClientTokenId", INVALID),
    Reason.wrong_token: (403, "InvalidClientTokenId", INVALID),
    Reason.expired_token: (403, "ExpiredToken", EXPIRED),
    Reason.unsigned_headers: (403, "SignatureDoesNotMatch", NOT_SIGNED),
}
_XML = dict.fromkeys(Reason, (403, "SignatureDoesNotMatch", MISMATCH)) | _XML

_JSON: dict[Reason, Error] = {
    Reason.missing: (400, "MissingAuthenticationTokenException", MISSING),
    Reason.incomplete: (400, "IncompleteSignatureException", INCOMPLETE),
    Reason.old_version: (400, "IncompleteSignatureException", OLD_VERSION),
    Reason.unknown_key: (400, "UnrecognizedClientException", INVALID),
    Reason.wrong_token: (400, "UnrecognizedClientException", INVALID),
    Reason.expired_token: (400, "ExpiredTokenException", EXPIRED),
    Reason.unsigned_headers: (400, "InvalidSignatureException", NOT_SIGNED),
}
_JSON = dict.fromkeys(Reason, (400, "InvalidSignatureException", MISMATCH)) | _JSON
_REST_JSON: dict[Reason, Error] = {
    reason: (status if reason in (Reason.incomplete, Reason.old_version) else 403, code, message)
    for reason, (status, code, message) in _JSON.items()
}
_S3: dict[Reason, Error] = {
    Reason.missing: (403, "AccessDenied", "Access Denied"),
    Reason.incomplete: (400, "AuthorizationHeaderMalformed", INCOMPLETE),
    Reason.old_version: (400, "InvalidRequest", OLD_VERSION),
    Reason.unknown_key: (
        403,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    Reason.wrong_token: (400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
    Reason.expired_token: (400, "ExpiredToken", "The provided token has expired."),
    Reason.mismatch: (403, "SignatureDoesNotMatch", MISMATCH),
    Reason.no_payload_hash: (
        400,
        "InvalidRequest",
        "Missing required header for this request: x-amz-content-sha256",
    ),
    Reason.skewed: (
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    ),
    Reason.expired: (403, "AccessDenied", "Request has expired"),
    Reason.unsigned_headers: (403, "AccessDenied", NOT_SIGNED),
    Reason.wrong_payload: (
        400,
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
}
ERRORS = {
    Protocol.query: _XML,
    Protocol.ec2: _XML,
    Protocol.json: _JSON,
    Protocol.rest_json: _REST_JSON,
    Protocol.s3: _S3,
}
# Status and code of a denial: "Common Errors" of each API reference.
DENIED: dict[Protocol, tuple[int, str]] = {
    Protocol.query: (403, "AccessDenied"),
    Protocol.ec2: (403, "UnauthorizedOperation"),
    Protocol.json: (400, "AccessDeniedException"),
    Protocol.rest_json: (403, "AccessDeniedException"),
    Protocol.s3: (403, "AccessDenied"),
}
# By signing name. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors
DENIED_BY_SERVICE = {"sns": "AuthorizationError"}
