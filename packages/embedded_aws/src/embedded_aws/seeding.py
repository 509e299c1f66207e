"""Puts into the embedded AWS what a deployment expects to find there, or what somebody wants to try.

Every call can be repeated.
"""

import contextlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import replace

from embedded_aws.access.keys import OPERATOR, SESSION_SECONDS
from embedded_aws.certificates import self_signed
from embedded_aws.clients import Credentials
from embedded_aws.handle import ACCOUNT_ID, LocalAws, LocalAwsError

DEPLOYING_ROLE = "deployer"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"

# State of a target → reason that AWS gives for it where the caller names none.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
HEALTH_STATES: dict[str, str | None] = {
    "healthy": None,
    "initial": "Elb.InitialHealthChecking",
    "unhealthy": "Target.FailedHealthChecks",
    "unused": "Target.NotInUse",
    "draining": "Target.DeregistrationInProgress",
    "unavailable": "Target.HealthCheckDisabled",
}
# Not a state of AWS: gives a target back to the load balancer's health checks.
CHECKED = "checked"


def seed_certificate(aws: LocalAws, arn: str, domain: str) -> bool:
    """Import a self-signed certificate for `domain` under `arn`; returns False where there is one already."""
    acm = aws.client("acm")
    try:
        acm.describe_certificate(CertificateArn=arn)
    except acm.exceptions.ResourceNotFoundException:
        certificate, private_key = self_signed(domain)
        acm.import_certificate(CertificateArn=arn, Certificate=certificate, PrivateKey=private_key)
        return True
    return False


def seed_credentials(aws: LocalAws, secret_arn: str) -> bool:
    """Give a secret a first value, whatever its policy; returns False where it has one.

    The rotation would, but on this machine no database is behind it. The password is random, and no user's.
    """
    value = {"username": "payments", "password": secrets.token_urlsafe(24)}
    body = {"secretArn": secret_arn, "value": json.dumps(value)}
    return bool(aws.control("POST", "first-secret-value", body)["given"])


def seed_image(aws: LocalAws, image: str) -> bool:
    """Have an image, `REGISTRY/REPOSITORY@sha256:…`, in its repository as soon as that is there.

    Returns False where it was seeded before, or is none of ECR by its digest.
    """
    return bool(aws.control("POST", "image", {"image": image})["pushed"])


def secret_value(aws: LocalAws, secret_arn: str) -> str:
    """The current value of a secret, whatever its policy: for who holds the run's control token.

    Raises LocalAwsError where there is none.
    """
    value = aws.control("POST", "secret-value", {"secretArn": secret_arn})["value"]
    if value is None:
        raise LocalAwsError(f"the secret {secret_arn} has no value yet")
    return str(value)


def as_deploying_role(aws: LocalAws, session: str = "terraform", policy: str | None = None) -> LocalAws:
    """The same AWS, called by the role DEPLOYING_ROLE, with the rights of an administrator: not as its
    operator. The role is created where there is none; a session lasts SESSION_SECONDS.

    `policy`: the session's own policy, which limits it.
    """
    iam, trusted = aws.client("iam"), {"AWS": OPERATOR}
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(
            RoleName=DEPLOYING_ROLE,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            MaxSessionDuration=SESSION_SECONDS,
        )
    iam.attach_role_policy(RoleName=DEPLOYING_ROLE, PolicyArn=ADMINISTRATOR)
    return as_role(aws, f"arn:aws:iam::{ACCOUNT_ID}:role/{DEPLOYING_ROLE}", session, policy)


def as_role(aws: LocalAws, arn: str, session: str, policy: str | None = None) -> LocalAws:
    """The same AWS, called by a role that trusts this caller, for as long as the role's sessions last.

    `policy`: the session's own policy, which limits it.
    """
    iam = aws.client("iam")
    limited = {} if policy is None else {"Policy": policy}
    longest = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"].get("MaxSessionDuration", 3600)
    found = aws.client("sts").assume_role(
        RoleArn=arn, RoleSessionName=session, DurationSeconds=longest, **limited
    )["Credentials"]
    keys = (found[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
    return replace(aws, credentials=Credentials(*keys))


def as_administrator_of(aws: LocalAws, account_id: str) -> LocalAws:
    """The same AWS, called by an administrator of another account: for what crosses accounts."""
    keys = aws.control("POST", "administrator", {"account": account_id})
    return replace(aws, credentials=Credentials(**keys))


def register_targets(
    aws: LocalAws, target_group_arn: str, addresses: Iterable[str], port: int | None = None
) -> list[str]:
    """Register those IP addresses as targets of a group that aren't yet, and return them.

    `port` None: the group's own.
    Until the local load balancer runs they are healthy, or as `set_target_health` says.
    Raises LocalAwsError if there is no such group.
    """
    elbv2 = aws.client("elbv2")
    try:
        known = elbv2.describe_target_health(TargetGroupArn=target_group_arn)["TargetHealthDescriptions"]
    except elbv2.exceptions.TargetGroupNotFoundException as error:
        raise LocalAwsError(
            f"{aws.endpoint} has no target group {target_group_arn}: apply the deployment first"
        ) from error
    registered = {description["Target"]["Id"] for description in known}
    new = [address for address in addresses if address not in registered]
    if new:
        at_port = {} if port is None else {"Port": port}
        elbv2.register_targets(
            TargetGroupArn=target_group_arn, Targets=[{"Id": address, **at_port} for address in new]
        )
    return new


def set_target_health(
    aws: LocalAws,
    target_group_arn: str,
    state: str,
    *,
    target_id: str | None = None,
    reason: str | None = None,
) -> list[str]:
    """Give a registered target of a group a state of HEALTH_STATES, and return its id in a list.

    `target_id` None: all registered targets, whose ids are returned.
    `reason`: a reason code of AWS, default the usual one. It lasts until the target is deregistered, or given
    back to the load balancer's health checks with the state CHECKED; until then those are made and change
    nothing. Raises LocalAwsError for an unknown state, group or target.
    """
    body = {"targetGroupArn": target_group_arn, "state": state, "targetId": target_id, "reason": reason}
    targets: list[str] = aws.control("POST", "target-health", body)["targets"]
    return targets
