"""The one way to the embedded AWS: refuses what must not be dispatched, before anything of it is."""

import hmac
import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from embedded_aws.access import errors, hosts, pages
from embedded_aws.access.claims import claim_of
from embedded_aws.access.keys import Key, Keyring
from embedded_aws.access.refusals import Denied, Reason, Refused
from embedded_aws.handle import CONTROL_PATH, TOKEN_HEADER
from embedded_aws.serial import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# In the environment of a request that was let through: the ARN of its caller, or an AWS service's principal.
CALLER = "bluegreen.caller"
JSON = "application/json"
# With it, moto would take any account for the caller's.
FOREIGN_ACCOUNT = "HTTP_X_MOTO_ACCOUNT_ID"
CORS = "access-control-"

Admit = Callable[
    ["WSGIEnvironment", str, str, Key], None
]  # with service and region as the signature has them


class Gate:
    """A WSGI application before the two that serve: `application`, AWS's services, and `control`.

    `port`: the server's own; `token`: what control requests have to show; `admit`: raises Denied for a signed
    request that no policy allows.
    """

    def __init__(
        self,
        application: Application,
        control: Application,
        *,
        port: int,
        keys: Keyring,
        token: str,
        admit: Admit,
    ) -> None:
        self._application, self._control = application, control
        self._port, self._keys, self._token, self._admit = port, keys, token, admit

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        refusal = self._refusal(environ)
        if refusal is not None:
            return refusal(environ, start_response)
        served = self._control if _is_control(environ) else self._application
        return served(environ, _without_cors(start_response))

    def _refusal(self, environ: "WSGIEnvironment") -> Response | None:
        """The answer to a request that is refused; None for one that is not."""
        host = environ.get("HTTP_HOST", "")
        if not hosts.is_own(host, self._port):
            return _misdirected(host, self._port)
        if page := pages.made_this(environ):
            return _from_a_page(page)
        if _is_control(environ):
            return self._control_refusal(environ)
        try:
            self._authenticate(environ)
        except Refused as refused:
            return errors.answer(refused, environ)
        except Denied as denied:
            return errors.denied(denied, environ)
        return None

    def _control_refusal(self, environ: "WSGIEnvironment") -> Response | None:
        given = str(environ.get("HTTP_" + TOKEN_HEADER.upper().replace("-", "_"), ""))
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return _refusal(
                HTTPStatus.FORBIDDEN,
                "a control request was refused",
                f"its {TOKEN_HEADER} is not the token of this run",
                "use the `bluegreen` command: it reads the token from the state directory of the deployment",
            )
        if environ.get("CONTENT_TYPE") != JSON:
            return _refusal(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                "a control request was refused",
                f"its Content-Type is {environ.get('CONTENT_TYPE', '')!r}",
                f"send JSON, as {JSON}",
            )
        return None

    def _authenticate(self, environ: "WSGIEnvironment") -> None:
        """Note whose request it is. Raises Refused, Denied."""
        # Imported here: only a server needs botocore.
        from embedded_aws.access.signatures import verify  # noqa: PLC0415

        claim = claim_of(environ)
        key = self._keys.find(claim.access_key_id)
        if key is None:
            raise Refused(Reason.unknown_key)
        verify(claim, key, environ)
        environ.pop(FOREIGN_ACCOUNT, None)
        environ[CALLER] = key.arn
        # moto finds service and account in this header only.
        environ.setdefault(
            "HTTP_AUTHORIZATION",
            f"AWS4-HMAC-SHA256 Credential={claim.access_key_id}/{claim.scope}, of=a-query",
        )
        self._admit(environ, claim.service, claim.region, key)


def _is_control(environ: "WSGIEnvironment") -> bool:
    return str(environ.get("PATH_INFO", "")).startswith(CONTROL_PATH)


def _misdirected(host: str, port: int) -> Response:
    return _refusal(
        HTTPStatus.MISDIRECTED_REQUEST,
        f"a request to the host {host!r} was refused",
        "it is not the embedded AWS: a name of the outside that leads here may be a web page's attack",
        f"send it to 127.0.0.1:{port} or localhost:{port}",
    )


def _from_a_page(header: str) -> Response:
    return _refusal(
        HTTPStatus.FORBIDDEN,
        "a request of a web page was refused",
        f"the browser says {header}; the embedded AWS serves no page",
        "use an AWS SDK, the aws CLI or Terraform with the variables of `bluegreen local env`",
    )


def _refusal(status: HTTPStatus, what: str, cause: str, fix: str) -> Response:
    message = f"{what}\n  cause: {cause}\n  state: nothing was changed\n  fix: {fix}"
    return Response(json.dumps({"message": message}), status, content_type=JSON)


def _without_cors(start_response: "StartResponse") -> Callable[..., Any]:
    """No page of another origin may read an answer, whatever a bucket's configuration says."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        kept = [(name, value) for name, value in headers if not name.lower().startswith(CORS)]
        return start_response(status, kept, *rest)

    return start
