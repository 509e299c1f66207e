"""Comparisons of condition operators: policy values → a check of one request value.

A check says whether the request's value fits *any* of the policy's values; operators.py adds negation, sets
and absence. Builders raise ValueError for a policy value that isn't of the operator's type. A request value
of another type fits nothing.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from iam_evaluation.patterns import Check, arn_check, text_check

Builder = Callable[[Sequence[str], bool], Check]
T = TypeVar("T")

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
# W3C profile of ISO 8601: from the year alone to fractions of a second; without a zone it is UTC.
_DATE = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_EPOCH = re.compile(r"\d{5,}(?:\.\d+)?")
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_FROM_MILLISECONDS = 100_000_000_000


def strings(*, wildcards: bool = False, ignore_case: bool = False) -> Builder:
    """StringEquals, StringEqualsIgnoreCase, StringLike."""

    def build(values: Sequence[str], variables: bool) -> Check:
        if not wildcards and not ignore_case and not (variables and any("${" in value for value in values)):
            known = frozenset(values)
            return lambda value, _context: value in known
        return any_of(
            [
                text_check(value, variables=variables, wildcards=wildcards, ignore_case=ignore_case)
                for value in values
            ]
        )

    return build


def arns(values: Sequence[str], variables: bool) -> Check:
    """ArnEquals, ArnLike: they behave identically. What `*` alone would match isn't documented."""
    if any(not value.strip("*") for value in values):
        raise ValueError('"*" is no ARN of six parts')
    return any_of([arn_check(value, variables=variables) for value in values])


def any_of(checks: Sequence[Check]) -> Check:
    """Whether a value fits at least one."""
    if len(checks) == 1:
        return checks[0]
    return lambda value, context: any(check(value, context) for check in checks)


def numbers(compare: Callable[[Decimal, Decimal], bool]) -> Builder:
    """Numeric operators: integers and decimals."""
    return _typed(number, compare)


def dates(compare: Callable[[datetime, datetime], bool]) -> Builder:
    """Date operators: ISO 8601 or seconds since 1970."""
    return _typed(date, compare)


def booleans(values: Sequence[str], variables: bool) -> Check:
    """Bool: "true" or "false", whatever the case. Its values may be variables ("Boolean condition
    operators").
    """
    for value in values:
        if value.lower() not in ("true", "false") and not (variables and "${" in value):
            raise ValueError(f'{value!r} is neither "true" nor "false"')
    return any_of(
        [text_check(value, variables=variables, wildcards=False, ignore_case=True) for value in values]
    )


def binaries(values: Sequence[str], _variables: bool) -> Check:
    """BinaryEquals: both are base64 texts of the bytes that are compared."""
    return _typed(_bytes, operator.eq)(values, False)


def addresses(values: Sequence[str], _variables: bool) -> Check:
    """IpAddress: an address, or a range in CIDR notation. IPv4 and IPv6 never fit each other."""
    networks = [_network(value) for value in values]

    def check(value: str, _context: object) -> bool:
        try:
            asked = ipaddress.ip_network(value, strict=False)
        except ValueError:
            return False
        return any(_within(asked, network) for network in networks)

    return check


def number(text: str) -> Decimal:
    """Raises ValueError."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is no number")
    return Decimal(text)


def date(text: str) -> datetime:
    """Raises ValueError."""
    if _EPOCH.fullmatch(text):
        seconds = float(text)
        return _EPOCH_START + timedelta(seconds=seconds / 1000 if seconds >= _FROM_MILLISECONDS else seconds)
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no date such as 2026-01-31T12:00:00Z or seconds since 1970")
    year, month, day, hour, minute, second = (
        int(part or default) for part, default in zip(match.groups()[:6], (1, 1, 1, 0, 0, 0), strict=True)
    )
    micro = int((match[7] or "0").ljust(6, "0")[:6])
    zone = match[8] or "Z"
    offset = timedelta() if zone == "Z" else _offset(zone)
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC) - offset


def _offset(zone: str) -> timedelta:
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{text!r} is not base64") from error


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"{text!r} is neither an IP address nor a range such as 203.0.113.0/24") from error


def _within(asked: _Network, network: _Network) -> bool:
    if isinstance(asked, ipaddress.IPv4Network):
        return isinstance(network, ipaddress.IPv4Network) and asked.subnet_of(network)
    return isinstance(network, ipaddress.IPv6Network) and asked.subnet_of(network)


def _typed(read: Callable[[str], T], compare: Callable[[T, T], bool]) -> Builder:
    def build(values: Sequence[str], _variables: bool) -> Check:
        wanted = [read(value) for value in values]

        def check(value: str, _context: object) -> bool:
            try:
                found = read(value)
            except ValueError:
                return False
            return any(compare(found, one) for one in wanted)

        return check

    return build
