"""A refusal as an error of AWS, in the protocol of the service that was asked.

Form: Smithy's AWS protocols, https://smithy.io/2.0/aws/protocols/index.html; S3's,
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses; EC2's,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response.
"""

import json
import re
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from embedded_aws.access.codes import DENIED, DENIED_BY_SERVICE, ERRORS, Error, Protocol
from embedded_aws.access.refusals import Denied, Reason, Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SERVICE = re.compile(r"/([\w.-]+)/aws4_request")
VERSIONED = re.compile(r"/\d{4}-\d{2}-\d{2}/")  # how the paths of REST APIs begin that are not S3's
AMZ_JSON = "application/x-amz-json-1."
OTHER_REST_XML = ("cloudfront", "route53")
FORM = "application/x-www-form-urlencoded"
QUERY_PARAMETERS = "AuthorizationQueryParametersError"  # S3's code where the signature is in the query


def answer(refused: Refused, environ: "WSGIEnvironment") -> Response:
    """The response to a request that is not dispatched."""
    protocol = protocol_of(environ)
    status, code, message = ERRORS[protocol][refused.reason]
    if (
        protocol is Protocol.s3
        and refused.reason is Reason.incomplete
        and "HTTP_AUTHORIZATION" not in environ
    ):
        code = QUERY_PARAMETERS
    return _response(environ, protocol, (status, code, refused.detail or message))


def denied(denial: Denied, environ: "WSGIEnvironment") -> Response:
    """The response to a request that no policy allows, or one denies."""
    protocol = protocol_of(environ)
    if denial.code:
        return _response(environ, protocol, (400, denial.code, denial.message))
    status, usual = DENIED[protocol]
    code = DENIED_BY_SERVICE.get(_service(environ), usual)
    return _response(environ, protocol, (status, code, denial.message))


def refusal(error: Error, environ: "WSGIEnvironment") -> Response:
    """The response of a service that refuses a request."""
    return _response(environ, protocol_of(environ), error)


def _response(environ: "WSGIEnvironment", protocol: Protocol, error: Error) -> Response:
    status, code, message = error
    text, content_type = _BODIES[protocol](code, message, str(uuid.uuid4()))
    if str(environ.get("CONTENT_TYPE", "")).startswith(AMZ_JSON):  # of its version, 1.0 or 1.1
        content_type = environ["CONTENT_TYPE"]
    headers = {"x-amzn-ErrorType": code} if protocol in (Protocol.json, Protocol.rest_json) else {}
    body = "" if environ["REQUEST_METHOD"] == "HEAD" else text
    return Response(body, HTTPStatus(status), headers, content_type=content_type)


def protocol_of(environ: "WSGIEnvironment") -> Protocol:
    """By the form of the request: who sends it may name no service, or one that there is not."""
    service = _service(environ)
    if "HTTP_X_AMZ_TARGET" in environ:
        return Protocol.json
    if service in ("s3", "ec2"):
        return Protocol(service)
    form = str(environ.get("CONTENT_TYPE", "")).startswith(FORM)
    if form or "Action=" in environ.get("QUERY_STRING", "") or service in OTHER_REST_XML:
        return Protocol.query
    if service or VERSIONED.match(environ.get("PATH_INFO", "")):
        return Protocol.rest_json
    return Protocol.s3


def _service(environ: "WSGIEnvironment") -> str:
    """As the credential scope names it; empty where there is none."""
    query = str(environ.get("QUERY_STRING", "")).replace("%2F", "/")
    found = SERVICE.search(environ.get("HTTP_AUTHORIZATION", query))
    return found[1] if found else ""


def _query(code: str, message: str, request: str) -> tuple[str, str]:
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message>"
    return (
        f"<ErrorResponse><Error>{error}</Error><RequestId>{request}</RequestId></ErrorResponse>",
        "text/xml",
    )


def _ec2(code: str, message: str, request: str) -> tuple[str, str]:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return f"<Response><Errors>{error}</Errors><RequestID>{request}</RequestID></Response>", "text/xml"


def _s3(code: str, message: str, request: str) -> tuple[str, str]:
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message><RequestId>{request}</RequestId>"
    return f"<Error>{error}</Error>", "application/xml"


def _json(code: str, message: str, _: str) -> tuple[str, str]:
    document = {"__type": f"com.amazon.coral.service#{code}", "message": message}
    return json.dumps(document), AMZ_JSON + "0"


def _rest_json(_: str, message: str, __: str) -> tuple[str, str]:
    return json.dumps({"message": message}), "application/json"


_BODIES: dict[Protocol, Callable[[str, str, str], tuple[str, str]]] = {
    Protocol.query: _query,
    Protocol.ec2: _ec2,
    Protocol.json: _json,
    Protocol.rest_json: _rest_json,
    Protocol.s3: _s3,
}
