"""The rules before moto: a request that breaks one is answered here."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from embedded_aws.access import errors
from embedded_aws.access.codes import Error
from embedded_aws.authorisation.calls import Call, call_of
from embedded_aws.rules import names, rates
from embedded_aws.rules.conditions import Conditions
from embedded_aws.serial import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SCOPE = re.compile(r"Credential=[^/]+/\d+/([\w-]+)/([\w.-]+)/aws4_request")
NOT_ASSUMED = "The role defined for the function cannot be assumed by Lambda."
# What a service answers to a role that it doesn't see yet: parameter, and the error. Public issues and the
# retries of Terraform's provider: AWS publishes no list.
UNSEEN_ROLES: dict[tuple[str, str], tuple[str, Error]] = {
    ("ec2", "CreateFlowLogs"): (
        "DeliverLogsPermissionArn",
        (400, "InvalidParameter", "Unable to assume given IAM role"),
    ),
    ("lambda", "CreateFunction"): ("Role", (400, "InvalidParameterValueException", NOT_ASSUMED)),
    ("rds", "CreateDBInstance"): (
        "MonitoringRoleArn",
        (
            400,
            "InvalidParameterValue",
            "IAM role ARN value is invalid or does not include the required permissions for: "
            "ENHANCED_MONITORING",
        ),
    ),
    ("states", "CreateStateMachine"): (
        "roleArn",
        (
            400,
            "AccessDeniedException",
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
            "to assume the provided role.",
        ),
    ),
}
# A role's own changes take their time, too.
OF_ROLES = ("AttachRolePolicy", "CreateRole", "PutRolePolicy", "UpdateAssumeRolePolicy")


class Front:
    """A WSGI application around another one."""

    def __init__(self, application: Application, conditions: Conditions) -> None:
        self._application, self._conditions = application, conditions
        self._buckets = rates.Buckets(conditions)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is None:  # of a presigned URL
            return self._application(environ, start_response)
        region, service = scope.groups()
        call = call_of(environ, service, region)
        error = next(self._errors(call), None)
        if error is not None:
            return errors.refusal(error, environ)(environ, start_response)
        if call.service == "iam" and call.operation in OF_ROLES:
            self._conditions.wrote(f"role {call.text('RoleName')}")
        return self._application(environ, start_response)

    def _errors(self, call: Call) -> Iterator[Error]:
        if not self._buckets.take(call):
            yield rates.throttled(call.service)
        yield from names.problems(call)
        parameter, unseen = UNSEEN_ROLES.get((call.service, call.operation), ("", None))
        role = call.text(parameter).rpartition("/")[2] if parameter else ""
        if unseen is not None and role and not self._conditions.visible(f"role {role}"):
            yield unseen
