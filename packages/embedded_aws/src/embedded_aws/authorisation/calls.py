"""Which operation of which service a request is, and its parameters, whatever the protocol.

Form: Smithy's AWS protocols, https://smithy.io/2.0/aws/protocols/index.html. Paths of REST APIs come from
botocore's models.
"""

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from embedded_aws.access.bodies import body_of
from embedded_aws.access.errors import FORM
from embedded_aws.handle import ACCOUNT_ID

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

UNKNOWN = "Unknown"
# Signing name → prefix of its actions, where they differ (Service Authorization Reference).
PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag", "email": "ses"}
# Prefix of actions → botocore's name, for services whose operation is in method and path.
REST = {"backup": "backup", "elasticfilesystem": "efs", "lambda": "lambda", "s3": "s3", "xray": "xray"}
VARIABLE = re.compile(r"\{(\w+)(\+?)\}")
BUCKET_HOST = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]+)\.localhost(?::\d+)?")
COPY_SOURCE = "HTTP_X_AMZ_COPY_SOURCE"

Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One request. `service`: the prefix of its actions; `parameters`: by the names of the API; of the query
    protocol flat, such as `Tags.member.1.Key`; of REST APIs with those of the path. `headers`: as WSGI has
    them; `account`: the caller's, in which names are looked up.
    """

    service: str
    operation: str
    region: str
    parameters: Parameters = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    account: str = ACCOUNT_ID

    def text(self, *names: str) -> str:
        """The first of these parameters that is there and is a text; else empty."""
        found = (self.parameters.get(name) for name in names)
        return next((value for value in found if value and isinstance(value, str)), "")

    def texts(self, name: str) -> list[str]:
        """A parameter that is a text or a list of them, in whichever protocol."""
        value = self.parameters.get(name)
        if value is None:
            prefix = re.compile(re.escape(name) + r"\.(?:\w+\.)?\d+$")
            return [str(text) for key, text in self.parameters.items() if prefix.match(key)]
        return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def call_of(environ: "WSGIEnvironment", service: str, region: str) -> Call:
    """Read a request. `service`: as its signature names it. The body can be read again."""
    prefix = PREFIXES.get(service, service)
    if "HTTP_X_AMZ_TARGET" in environ:
        operation = environ["HTTP_X_AMZ_TARGET"].rpartition(".")[2]
        return Call(prefix, operation, region, _json(_content(environ)), environ)
    if prefix in REST:
        return _rest(environ, prefix, region)
    query = environ.get("QUERY_STRING", "")
    form = (
        _content(environ).decode(errors="replace")
        if str(environ.get("CONTENT_TYPE", "")).startswith(FORM)
        else ""
    )
    parameters = dict(parse_qsl(f"{query}&{form}", keep_blank_values=True))
    return Call(prefix, parameters.get("Action", UNKNOWN), region, parameters, environ)


def _content(environ: "WSGIEnvironment") -> bytes:
    """The body as the client had it: SDKs compress long ones of some operations, such as PutMetricData."""
    body = body_of(environ)
    if environ.get("HTTP_CONTENT_ENCODING") != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (EOFError, OSError, zlib.error):
        return b""  # the service itself refuses it


def _json(body: bytes) -> Parameters:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return {}  # the service itself refuses it
    return document if isinstance(document, dict) else {}


def _rest(environ: "WSGIEnvironment", prefix: str, region: str) -> Call:
    path = str(environ.get("RAW_URI", environ.get("PATH_INFO", "/"))).partition("?")[0]
    bucket = BUCKET_HOST.fullmatch(environ.get("HTTP_HOST", "")) if prefix == "s3" else None
    if bucket:
        path = f"/{bucket['bucket']}{path}"
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    body = {} if prefix == "s3" else _json(_content(environ))
    for route in _routes(REST[prefix]):
        if route.method != environ["REQUEST_METHOD"] or route.copies != (COPY_SOURCE in environ):
            continue
        if (found := route.match(path, query)) is not None:
            return Call(prefix, route.operation, region, {**query, **body, **found}, environ)
    return Call(prefix, UNKNOWN, region, {**query, **body}, environ)


@dataclass(frozen=True)
class _Route:
    """One operation of a REST API. `query`: what the query has to hold."""

    operation: str
    method: str
    path: re.Pattern[str]
    query: Mapping[str, str]
    required: tuple[str, ...]
    copies: bool

    def match(self, path: str, query: Mapping[str, str]) -> dict[str, str] | None:
        """The parameters in the path. None: it is another operation."""
        found = self.path.fullmatch(path)
        if found is None or any(name not in query for name in self.required):
            return None
        if any(query.get(name) != value for name, value in self.query.items()):
            return None
        return {name: unquote(value) for name, value in found.groupdict().items()}


@lru_cache(maxsize=len(REST))
def _routes(service: str) -> tuple[_Route, ...]:
    """The most specific ones first."""
    import botocore.session  # noqa: PLC0415 - only a server needs it

    model = botocore.session.get_session().get_service_model(service)
    found = [_route(model.operation_model(name)) for name in model.operation_names]
    return tuple(sorted(found, key=lambda one: (-len(one.query) - len(one.required), -len(one.path.pattern))))


def _route(operation: Any) -> _Route:
    path, _, query = operation.http["requestUri"].partition("?")
    # A client of this process has taken the bucket out of its model's path, which both may share.
    path = operation.http.get("authPath", path)
    pattern = VARIABLE.sub(
        lambda found: f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})", path.rstrip("/") or "/"
    )
    shape = operation.input_shape
    members = shape.members if shape else {}
    required = [
        members[name].serialization["name"]
        for name in (shape.required_members if shape else ())
        if members[name].serialization.get("location") == "querystring"
    ]
    fixed = dict(parse_qsl(query, keep_blank_values=True))
    fixed.pop("x-id", None)  # newer models have it, older clients don't send it
    return _Route(
        operation.name,
        operation.http["method"],
        re.compile(f"{pattern}/?"),
        fixed,
        tuple(required),
        "CopySource" in members,
    )
