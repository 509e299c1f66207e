"""Finds out who sends a request: checks its attestation, has STS answer it, and spends it.

The URL that STS is asked by is made here, of the parts that are checked: the caller can't lead elsewhere, nor
to another action. What STS has to check is the signature, which covers all of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..contract.attestation import (
    LIFETIME_SECONDS,
    QUERY,
    SIGNED_HEADERS,
    SKEW_SECONDS,
    Attestation,
    headers,
)
from ..contract.errors import NotAttestedError
from ..contract.limits import BY_LIMIT
from .aws import Caller
from .invocation import Invocation
from .table import ControlTable

_TOKEN = "X-Amz-Security-Token"  # noqa: S105 - the name of a parameter
_SIGNATURE = frozenset(
    f"X-Amz-{name}" for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
)
_TIME = "%Y%m%dT%H%M%SZ"
_ARN = re.compile(r"<Arn>(arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):[^<\s]+)</Arn>")
_CODE = re.compile(r"<Code>(\w+)</Code>")


class Asked(Protocol):
    """What proving a caller needs of an invocation."""

    @property
    def caller(self) -> Caller: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    @property
    def table(self) -> ControlTable: ...


def attested(invocation: Invocation, function_arn: str, *, repeatable: bool = False) -> Invocation:
    """The invocation with the caller's ARN as `by`. Raises NotAttestedError.

    `function_arn`: by which the function was called. `repeatable`: the same request may come again with the
    same attestation, as a state machine sends it.
    """
    request = invocation.request
    # A workflow is started by a request of its own name.
    id_ = str(request.workflow) if request.plan else request.id
    by = prove(invocation, request.attestation, id_, function_arn, repeatable=repeatable)
    plan = replace(request.plan, by=by) if request.plan else None
    return replace(invocation, request=replace(request, by=by, plan=plan, attestation=None))


def prove(
    asked: Asked, attestation: Attestation | None, id_: str, function_arn: str, *, repeatable: bool = False
) -> str:
    """The ARN of who sent the request `id_`, as the history has it. Raises NotAttestedError."""
    if attestation is None:
        raise _refused("it has no attestation", function_arn)
    query = _checked(asked, attestation.url, function_arn)
    arn = _answered(asked, query, headers(id_, function_arn, attestation.digest), function_arn)
    spent = hashlib.sha256(query["X-Amz-Signature"].encode()).hexdigest()
    used = asked.table.spend(spent, id_, arn, asked.clock())
    if used is not None and not (repeatable and used == id_):
        raise _refused(f"its attestation was used before, by the request {used}", function_arn)
    return arn[-BY_LIMIT:]


def _checked(invocation: Asked, url: str, function_arn: str) -> Mapping[str, str]:
    """The parameters of the signed query, after all that can be seen of them."""
    sts = invocation.caller.client("sts").meta
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != sts.endpoint_url or parts.path not in ("", "/"):
        raise _refused(f"its attestation is not for {sts.endpoint_url}", function_arn)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs) or query.keys() - {_TOKEN} != _SIGNATURE | QUERY.keys():
        raise _refused("its attestation has other parameters than a signed GetCallerIdentity", function_arn)
    if any(query[name] != value for name, value in QUERY.items()):
        raise _refused("its attestation is for another action than GetCallerIdentity", function_arn)
    if query["X-Amz-SignedHeaders"] != ";".join(SIGNED_HEADERS):
        raise _refused(f"its attestation signs other headers than {', '.join(SIGNED_HEADERS)}", function_arn)
    _require_current(query, invocation.clock(), function_arn)
    return query


def _require_current(query: Mapping[str, str], now: datetime, function_arn: str) -> None:
    """STS itself takes a signature for 15 minutes."""
    try:
        signed_at = datetime.strptime(query["X-Amz-Date"], _TIME).replace(tzinfo=UTC)
        lifetime = int(query["X-Amz-Expires"])
    except ValueError:
        raise _refused("its attestation has no valid time", function_arn) from None
    if not 0 < lifetime <= LIFETIME_SECONDS:
        raise _refused(f"its attestation lives longer than {LIFETIME_SECONDS} s", function_arn)
    if now > signed_at + timedelta(seconds=lifetime):
        raise _refused(f"its attestation has expired: it is of {signed_at:%H:%M:%S} UTC", function_arn)
    if now < signed_at - timedelta(seconds=SKEW_SECONDS):
        raise _refused(f"its attestation is of the future: {signed_at:%H:%M:%S} UTC", function_arn)


def _answered(
    invocation: Asked, query: Mapping[str, str], signed: Mapping[str, str], function_arn: str
) -> str:
    """Whose signature it is, by STS: of this account."""
    caller = invocation.caller
    with caller.calling("GetCallerIdentity", "sts"):
        status, answer = caller.client.answered_by_sts(urlencode(query, quote_via=quote), signed)
    if status != HTTPStatus.OK or not (found := _ARN.search(answer)):
        code = _CODE.search(answer)
        said = code[1] if code else f"status {status}"
        raise _refused(
            f"STS does not accept its attestation ({said}): it is of another request", function_arn
        )
    arn, account = found[1], found[2]
    if account != function_arn.split(":")[4]:
        raise _refused(f"it comes from another account, {account}", function_arn)
    return arn


def _refused(why: str, function_arn: str) -> NotAttestedError:
    return NotAttestedError(
        what=f"the request does not prove who sent it: {why}",
        where=function_arn,
        cause="the history has to say who moved traffic, not who the client says it was; nothing was changed",
        fix="send it with `bluegreen`, which signs each request with the caller's credentials",
    )
