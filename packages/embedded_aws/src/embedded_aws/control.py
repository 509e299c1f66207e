"""What the embedded AWS is asked that AWS has no API for: who it is, targets' health, its companions."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from embedded_aws.authorisation.needs import Need
from embedded_aws.companions.registry import Companions
from embedded_aws.extensions import Server
from embedded_aws.handle import CONTROL_PATH, LocalAws, LocalAwsError
from embedded_aws.rules.conditions import conditions

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Action = Callable[[Mapping[str, Any]], dict[str, Any]]


class Control:
    """The WSGI application under CONTROL_PATH, behind the gate (`access/gate.py`).

    JSON in and out; a refusal has status 400 and a `message`.
    """

    def __init__(self, aws: LocalAws, server: Server) -> None:
        self._identity = {"access_key_id": aws.credentials.access_key_id, "pid": aws.pid}
        companions = Companions(aws, server)
        self._actions: dict[tuple[str, str], Action] = {
            ("GET", "identity"): lambda _: self._identity,
            ("POST", "target-health"): _set_target_health,
            ("POST", "rotation"): _await_rotation,
            ("POST", "forget-metrics"): _forget_metrics,
            ("POST", "reset"): lambda _: _reset(server, companions),
            ("POST", "service"): companions.start_service,
            ("POST", "databases"): companions.start_databases,
            ("POST", "incident"): companions.afflict,
            ("POST", "stand-in"): companions.stand_in,
            ("GET", "egress"): companions.egress,
            ("POST", "conditions"): _set_conditions,
            ("POST", "load-balancer"): companions.start_load_balancer,
            ("GET", "companions"): companions.describe,
            ("POST", "administrator"): lambda body: _administrator(server, str(body["account"])),
            ("POST", "first-secret-value"): _give_first_value,
            ("POST", "image"): lambda body: _push(server, str(body["image"])),
            ("POST", "secret-value"): _secret_value,
            ("POST", "schedule"): lambda body: _run_schedule(server, body["rule"]),
            ("POST", "backup-plan"): lambda body: _back_up(server, str(body["plan"])),
            ("POST", "recheck"): lambda body: _recheck(server, body["instead"]),
            ("POST", "changed-by"): lambda body: {
                "changed": server.authority.changed_by(body["alternatives"])
            },
            ("GET", "denials"): lambda _: {"denials": server.authority.denials.listed()},
            ("GET", "needs"): lambda _: {"needs": server.authority.needs.described()},
        }

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        action = self._actions.get((request.method, request.path.removeprefix(CONTROL_PATH)))
        status, answer = _run(action or _unknown, request.get_data())
        return Response(json.dumps(answer), status, content_type="application/json")(environ, start_response)


def _run(action: Action, body: bytes) -> tuple[HTTPStatus, dict[str, Any]]:
    try:
        return HTTPStatus.OK, action(json.loads(body or b"{}"))
    except LocalAwsError as error:
        return HTTPStatus.BAD_REQUEST, {"message": str(error)}


def _unknown(_: Mapping[str, Any]) -> dict[str, Any]:
    raise LocalAwsError("the embedded AWS has no such control request: client and server differ in version")


def _set_target_health(body: Mapping[str, Any]) -> dict[str, Any]:
    # Imported here: elbv2 brings ec2 with it, which takes a second to load.
    from embedded_aws.extensions.target_health import set_health  # noqa: PLC0415

    return {"targets": set_health(body["targetGroupArn"], body["state"], body["reason"], body["targetId"])}


def _set_conditions(body: Mapping[str, Any]) -> dict[str, Any]:
    conditions.set(body["seed"])
    return {}


def _forget_metrics(_: Mapping[str, Any]) -> dict[str, Any]:
    from embedded_aws.extensions.alarm_evaluation import evaluators  # noqa: PLC0415

    return {"alarms": evaluators.forget()}


def _reset(server: Server, companions: Companions) -> dict[str, Any]:
    """As if it had just been started, but for its keys and companions."""
    from moto.moto_api._internal.models import moto_api_backend  # noqa: PLC0415

    moto_api_backend.reset()
    conditions.set(None)
    server.keys.forget_sessions()
    server.authority.denials.clear()
    server.authority.needs.clear()
    companions.forget_refusals()
    return {}


def _administrator(server: Server, account: str) -> dict[str, Any]:
    """The server's part of `seeding.as_administrator_of`."""
    from moto.iam.models import iam_backends  # noqa: PLC0415

    name, iam = "administrator", iam_backends[account]["aws"]
    if all(role.name != name for role in iam.roles.values()):
        iam.create_role(name, "{}", "/", None, "", [], "3600")
        iam.attach_role_policy("arn:aws:iam::aws:policy/AdministratorAccess", name)
    role = f"arn:aws:iam::{account}:role/{name}"
    return asdict(server.keys.of_role(account, server.region, role, "test"))


def _recheck(server: Server, instead: Mapping[str, str]) -> dict[str, Any]:
    """What was allowed and would be denied with other policy documents, and the reverse; all documents."""
    found = server.authority.recheck(instead)
    documents = [
        {"text": text, "name": name, "kind": kind.value} for text, (name, kind) in found.documents.items()
    ]
    return {"denied": _told(found.denied), "allowed": _told(found.allowed), "documents": documents}


def _told(needs: Iterable[Need]) -> list[dict[str, str]]:
    return [
        {
            "action": need.check.action,
            "resource": need.check.resource,
            "caller": need.check.caller.arn,
            "operation": need.operation,
        }
        for need in needs
    ]


def _give_first_value(body: Mapping[str, Any]) -> dict[str, Any]:
    from embedded_aws.extensions.secret_versions import give_first_value  # noqa: PLC0415

    return {"given": give_first_value(body["secretArn"], body["value"])}


def _push(server: Server, image: str) -> dict[str, Any]:
    from embedded_aws.extensions.pushed_images import push  # noqa: PLC0415

    return {"pushed": push(server, image)}


def _secret_value(body: Mapping[str, Any]) -> dict[str, Any]:
    from embedded_aws.extensions.secret_versions import current_value  # noqa: PLC0415

    return {"value": current_value(body["secretArn"])}


def _run_schedule(server: Server, rule: str) -> dict[str, Any]:
    from embedded_aws.extensions.event_targets import run_schedule  # noqa: PLC0415

    return {"targets": run_schedule(server, rule)}


def _back_up(server: Server, plan: str) -> dict[str, Any]:
    if not (jobs := server.back_up(plan)):
        raise LocalAwsError(
            f"no backup plan {plan} that selects resources: `aws backup list-backup-plans` shows the plans"
        )
    return {"jobs": jobs}


def _await_rotation(body: Mapping[str, Any]) -> dict[str, Any]:
    from embedded_aws.extensions.secret_rotation import await_rotation  # noqa: PLC0415

    return await_rotation(body["secretArn"])
