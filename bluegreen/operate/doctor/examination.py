"""All checks on one deployment, in the order in which an operator would fix what they find."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bluegreen.aws import Access
from bluegreen.operate.doctor import (
    account,
    certificate,
    copies,
    databases,
    endpoints,
    images,
    names,
    notifications,
    quotas,
    state,
)
from bluegreen.operate.doctor.findings import Answer, Check, Finding, Verdict, unknown
from bluegreen.operate.doctor.subject import Caller, Subject
from bluegreen.terraform.recovery.clients import clients

CHECKS: tuple[Check, ...] = (
    *account.CHECKS,
    *state.CHECKS,
    *quotas.CHECKS,
    *certificate.CHECKS,
    *databases.CHECKS,
    *endpoints.CHECKS,
    *names.CHECKS,
    *images.CHECKS,
    *notifications.CHECKS,
    *copies.CHECKS,
)
# Besides those of the checks: to read the state.
STATE_PERMISSIONS = ("s3:GetObject", "kms:Decrypt")
UNTIMELY = ("SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException")


class UnreachedError(Exception):
    """AWS did not say who asks, so no check was made. The message has its words."""


def caller(access: Access, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Caller:
    """Raises UnreachedError. `now`: this machine's clock."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long

    try:
        answer = clients(access)("sts").get_caller_identity()
    except ClientError as error:
        skew = _skew(error.response, now())
        if skew is not None and abs(skew) > account.SIGNED_SECONDS and _code(error) in UNTIMELY:
            raise UnreachedError(f"this machine's clock is {abs(skew):.0f} s off: {error}") from error
        raise UnreachedError(str(error)) from error
    except (BotoCoreError, ValueError) as error:
        raise UnreachedError(str(error)) from error
    return Caller(answer["Arn"], answer["Account"], _skew(answer, now()))


def examine(subject: Subject) -> Iterator[Finding]:
    """Every check, one after the other. Credentials of another account end it: nothing else would be true."""
    for check in CHECKS:
        for finding in _made(check, subject):
            yield finding
            if check.name == "account" and finding.verdict is not Verdict.passed:
                return


def _made(check: Check, subject: Subject) -> Iterator[Finding]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loading it takes long
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    try:
        answers: list[Answer] = list(check.look(subject))
    except (BotoCoreError, ClientError, ResponseParserError, OSError, ValueError) as error:
        answers = [unknown(str(error), f"allow {', '.join(check.permissions)}, or try again")]
    yield from (answer.of(check) for answer in answers)


def _code(error: Any) -> str:
    return str(error.response["Error"].get("Code", ""))


def _skew(answer: Any, now: datetime) -> float | None:
    """Seconds that `now` is ahead of the Date header, which has whole seconds."""
    with suppress(KeyError, TypeError, ValueError):
        date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        return (now - date).total_seconds()
    return None
