"""The certificates that the listeners name: issued, for the domain, not expiring, of an allowed key."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bluegreen.operate.doctor.findings import Answer, Check, failed, not_needed, passed
from bluegreen.operate.doctor.subject import Subject, listed

DAYS_LEFT = 30
# ACM user guide, "Prerequisites for importing ACM certificates": Application Load Balancers take every
# algorithm of ACM. RSA with 1024 bits is none of strong cryptography (PCI DSS 4.0.1, appendix G).
ALGORITHMS = (
    *("RSA_2048", "RSA_3072", "RSA_4096"),
    *("EC_prime256v1", "EC_secp384r1", "EC_secp521r1"),
)
REPLACE = "name another certificate of ACM in [load_balancer] certificate_arn"

Judge = Callable[[Subject, Mapping[str, Any]], Answer]


def certificates(subject: Subject) -> Iterator[Answer]:
    """Of every certificate of the stack's listeners: what each judge says."""
    listeners = subject.stack.resources("aws_lb_listener")
    arns = sorted({arn for listener in listeners if (arn := listener.get("certificate_arn"))})
    acm = subject.client("acm")
    for arn in arns:
        try:
            found = acm.describe_certificate(CertificateArn=arn)["Certificate"]
        except acm.exceptions.ResourceNotFoundException:
            yield failed(f"{arn} does not exist", REPLACE, about="issued", needed="ISSUED")
            continue
        for about, (needed, judge) in JUDGES.items():
            answer = judge(subject, found)
            yield replace(answer, about=about, needed=answer.needed or needed)


def _issued(_: Subject, found: Mapping[str, Any]) -> Answer:
    if found["Status"] == "ISSUED":
        return passed(f"{found['DomainName']}: {found['Status']}")
    fix = (
        "create the DNS records that `aws acm describe-certificate` lists, and wait"
        if found["Status"] == "PENDING_VALIDATION"
        else REPLACE
    )
    return failed(f"{found['DomainName']}: {found['Status']}", fix)


def _domain(subject: Subject, found: Mapping[str, Any]) -> Answer:
    names = list(dict.fromkeys((found["DomainName"], *found.get("SubjectAlternativeNames", ()))))
    if subject.domain is None:
        return not_needed(f"it is for {listed(names)}; --domain compares it")
    if any(covers(name, subject.domain) for name in names):
        return passed(f"for {listed(names)}", needed=subject.domain)
    return failed(f"for {listed(names)}", REPLACE, needed=subject.domain)


def covers(name: str, domain: str) -> bool:
    """Whether a certificate's name is for the domain: a wildcard stands for one label (RFC 6125, 6.4.3)."""
    name, domain = name.lower().rstrip("."), domain.lower().rstrip(".")
    return name == domain or (name.startswith("*.") and name[2:] == domain.partition(".")[2])


def _expiry(_: Subject, found: Mapping[str, Any]) -> Answer:
    if "NotAfter" not in found:
        return not_needed("not issued, so without an end")
    end: datetime = found["NotAfter"]
    left = end - datetime.now(UTC)
    shown = f"until {end.astimezone(UTC):%Y-%m-%d}"
    if left >= timedelta(days=DAYS_LEFT) or found.get("RenewalEligibility") == "ELIGIBLE":
        return passed(shown)  # ACM renews what is eligible
    return failed(f"{shown}: {max(0, left.days)} days left", f"renew or import it again, or {REPLACE}")


def _algorithm(_: Subject, found: Mapping[str, Any]) -> Answer:
    algorithm = found["KeyAlgorithm"].replace("-", "_")
    return passed(algorithm) if algorithm in ALGORITHMS else failed(algorithm, REPLACE)


JUDGES: dict[str, tuple[str, Judge]] = {
    "issued": ("ISSUED", _issued),
    "domain": ("the domain that clients use", _domain),
    "expiry": (f"{DAYS_LEFT} days or more", _expiry),
    "key": (", ".join(ALGORITHMS), _algorithm),
}
CHECKS = (
    Check(
        "certificate",
        "issued, for the domain, not expiring, of an allowed key",
        ("acm:DescribeCertificate",),
        certificates,
    ),
)
