"""What each verb shows, with real data (ARNs, names of 40 characters, long reasons) or any text instead."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import RenderableType
from safe_io import data

from bluegreen.cli import deploy
from bluegreen.cli.admit import _view as admit_view
from bluegreen.cli.policies import _view as policies_view
from bluegreen.cli.views import (
    bootstrap,
    control,
    doctor,
    follow,
    history,
    ledger,
    load,
    local,
    mutate,
    outcome,
    permissions,
    plan,
    plans,
    traffic,
)
from bluegreen.cli.views import workflow as workflows
from bluegreen.cli.views.timeline import Sample
from bluegreen.operate.shifting import Outcome, parse_plan
from tests.bluegreen.cli.views import answers

Document = dict[str, Any]
View = Callable[[Any], RenderableType]

NOW = datetime(2026, 11, 25, 17, 35, tzinfo=UTC)
PERSON = "payments-release-engineer-on-call-berlin"  # 40 characters
BY = f"arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_PaymentsOperators_0123456789abcdef/{PERSON}"
REASON = "Release 2026.48 of the payment service: new 3-D Secure flow, database 3.10.3, see change CHG-48121"
LOAD_BALANCING = "arn:aws:elasticloadbalancing:us-east-1:123456789012"
GROUP = f"{LOAD_BALANCING}:targetgroup/payments-production-green/0123456789abcdef"
PLACE = "function payments-production-switch in us-east-1 (AWS)"
# Their values decide what a view does; they are the function's own words, or times.
WORDS = frozenset({
    "active", "recorded_active", "target", "source", "state", "status", "outcome", "mode", "deployment",
    "colour", "writer", "action", "verdict", "at", "until", "started_at", "finished_at", "asked_at",
    "baking_until", "deadline_at", "expires_at", "updated_at",
})  # fmt: skip


def gates(colour: str) -> list[Document]:
    """All verdicts on a colour, each with a name of 40 characters or a sentence."""
    alarm = f"payments-production-{colour} is in ALARM for 312 s: payments-production-{colour}-response-time"
    found = {
        "targets": (True, "3 of 3 healthy", "at least 2, and 50 % of all"),
        "alarms": (False, alarm, "OK, or without data for at most 300 s"),
        "database": (True, f"payments-production-{colour} and its 3 instances are available", "available"),
        "credentials": (True, "there is a current version", "a current version"),
    }
    return [
        {"gate": gate, "colour": colour, "passed": passed, "value": value, "threshold": needed}
        for gate, (passed, value, needed) in found.items()
    ]


def target(octet: int) -> Document:
    """An unhealthy target, with what AWS says of it."""
    text = "Health checks failed with these codes: [502]"
    identity = {"id": f"10.40.{octet}.10", "port": 8443}
    return identity | {"state": "unhealthy", "reason": "Target.ResponseCodeMismatch", "description": text}


ENTRIES = [
    answers.entry("shift", by=BY, reason=REASON),
    answers.entry(
        "rollback", by=BY, reason=f"{REASON}; rolled back", outcome="interrupted", gates=gates("green")
    ),
    answers.entry(
        "switch", outcome="failed", by=BY, reason=REASON, error={"type": "X", "what": f"{GROUP} is gone"}
    ),
]
WORKFLOW = answers.workflow(
    by=BY,
    reason=REASON,
    abort={"by": BY, "reason": REASON, "at": "2026-11-25T17:30:00.000Z"},
    approval=answers.APPROVAL,
    cause=f"the health of {GROUP} could not be read",
)
COLOUR = {"weight": 50, "test_weight": 0, "healthy": 2, "total": 3, "targets": [target(1), target(2)]}
STATUS: Document = {
    "active": "blue",
    "recorded_active": "blue",
    "colours": {"blue": COLOUR, "green": COLOUR},
    "weights": {"blue": 75, "green": 25},
    "migration": {
        "status": "in_progress", "source": "blue", "target": "green", "reason": REASON,
        "updated_at": "2026-11-23T18:55:01+00:00",
    },
    "consistent": False,
    "differences": [f"the production listener gives {GROUP} 25, and the record says 50"],
    "gates": {"blue": gates("blue"), "green": gates("green")},
    "lock": answers.LOCK | {"holder": "shift-20261125T174500-3fa9", "request": "0123456789abcdef"},
    "frozen": answers.FROZEN | {"by": BY, "reason": REASON},
    "workflow": WORKFLOW,
    "history": ENTRIES,
}  # fmt: skip
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/payments-production@sha256:" + 64 * "a"
RUNNING: Document = {
    "running": IMAGE,
    "rollout": {"state": "IN_PROGRESS", "running": 1, "desired": 3},
    "problems": [f"runs {IMAGE}, but its parameter says nothing"],
}
STATUS["images"] = {"blue": RUNNING, "green": RUNNING}
REPAIRED: Document = {
    "blue": {"problem": None, "repaired": False},
    "green": {"problem": RUNNING["problems"][0], "repaired": True},
}
DEPLOYED: Document = {
    "workflow_id": "deploy-20261125T174500-3fa90000", "outcome": "rolled_back", "exit_code": 5,
    "target": "green", "image": IMAGE, "before": f"{IMAGE[:-1]}b", "rollout": None,
    "cause": f"ECS rolled payments-production-green:8 back to payments-production-green:7; {GROUP} is gone",
}  # fmt: skip
MOVED: Document = {
    "action": "shift", "changed": True,
    "before": {"blue": 100, "green": 0}, "after": {"blue": 75, "green": 25},
    "gates": gates("green"), "active": "blue", "migration": STATUS["migration"],
    "writes": ["production weights", "test weights", "migration record"], "notified": False,
}  # fmt: skip
PREFLIGHT: Document = {
    "target": "green", "percent": 25, "ready": False, "weights": {"blue": 100, "green": 0},
    "gates": gates("green"), "lock": STATUS["lock"], "frozen": STATUS["frozen"], "workflow": WORKFLOW,
}  # fmt: skip
BUCKET = "payments-terraform-state-123456789012"
BOOTSTRAP: Document = {
    "deployment": "production", "account_id": "123456789012", "identity": BY, "bucket": BUCKET,
    "key": "payments-production/terraform.tfstate", "changed": ["versioning"],
    "settings": [
        {"name": "public access", "wanted": "all four settings of Block Public Access are on", "ok": True},
        {"name": "versioning", "wanted": f"the bucket {BUCKET} keeps every version", "ok": False},
        {"name": "key rotation", "wanted": "every year", "ok": False},
    ],
}  # fmt: skip
DOCTOR: Document = {
    "deployment": "production", "account_id": "123456789012", "identity": BY, "region": "us-east-1",
    "ready": False,
    "checks": [
        {"check": "zones", "verdict": "passed", "found": "us-east-1a (use1-az1)", "needed": "us-east-1a",
         "fix": None},
        {"check": "quota: NAT gateways", "verdict": "failed", "found": "0 of 5 free in us-east-1b",
         "needed": "1 more gateways in a zone",
         "fix": "aws service-quotas request-service-quota-increase --region us-east-1 --service-code vpc "
                "--quota-code L-FE5A380F --desired-value 6"},
        {"check": "certificate", "verdict": "unknown", "found": f"User: {BY} is not authorized to do that",
         "needed": "issued, for the domain", "fix": "allow acm:DescribeCertificate, or try again"},
        {"check": "copies of backups", "verdict": "not needed", "found": "no plan copies backups out",
         "needed": "a vault that takes them", "fix": None},
    ],
}  # fmt: skip
ADDRESS = "aws_rds_cluster_parameter_group.green-database_parameters_0A1B2C3D"
PLANNED: Document = {
    "deployment": "production", "plan": 64 * "a", "document": "cdktf.out/stacks/production/plan.json",
    "kept_at": f"s3://{BUCKET}/plans/payments-production/{64 * 'a'}", "changes_outputs": False,
    "changes": [
        {
            "action": action,
            "address": ADDRESS,
            "replaced_by": ["family"],
            "attributes": [{"path": "family", "before": "aurora-mysql8.0", "after": "aurora-mysql8.4"}],
        }
        for action in ("replace", "update")
    ],
    "tainted": [ADDRESS],
    "half_made": [
        {"address": ADDRESS, "what": "exists without the state", "command": f"terraform import {ADDRESS} x"}
    ],
    "kept_images": [{"colour": "green", "configured": IMAGE[:-1] + "b", "live": IMAGE}],
}  # fmt: skip
APPLIED: Document = {
    "deployment": "production", "resources": {"added": 3, "changed": 12, "removed": 0},
    "rollouts": {"payments-production-green": "COMPLETED"},
}  # fmt: skip
LATENCY = {"p50": 5.0, "p99": 1234.5}
SHARES = {"blue": 90.0, "green": 10.0}
LAST: Document = {"rate": 201, "failed": 3, "latency_ms": LATENCY, "shares": SHARES}
LOAD: Document = {
    "requests": 123_456, "seconds": 600.2, "rate": 200.1, "failed": 7, "failed_by": {"green": 7},
    "latency_ms": LATENCY, "shares": SHARES, "replayed": 600, "sessions_crossed": 1234,
    "moves": [{"at": 1_764_000_000.5, "writer": "green", "epoch": 3, "pause_ms": 43}],
    "payments": {"written": 11738, "lost": 1, "duplicated": 0, "split": 0, "unanswered": 1}, "passed": False,
}  # fmt: skip
DENIALS: Document = {
    "denials": [
        {
            "at": "2026-11-25T17:35:00+00:00",
            "action": "kms:GenerateDataKeyWithoutPlaintext",
            "resource": "arn:aws:kms:us-east-1:123456789012:key/8d7c5620-c8ec-4bb5-af32-9d987c498320",
            "caller": BY,
            "operation": "start of a task of payments-production-green",
            "reason": "implicitly denied: no KMS key policy allows it",
        }
    ],
    "egress": [
        {
            "at": "2026-11-25T17:36:00+00:00",
            "service": "green",
            "destination": "api.acquirer.example:443",
            "by": "Network Firewall",
            "reason": "payments-production: no rule passes server name api.acquirer.example on 443",
        }
    ],
}
LOCAL: Document = {
    "deployment": "local", "running": True, "endpoint": "http://127.0.0.1:45661", "pid": 123_456,
    "resources": 313, "listeners": [{"port": 443, "url": "https://localhost:40001"}],
    "services": {"blue": {"running": True, "mode": "errors", "share": 0.25}},
}  # fmt: skip
UP: Document = {
    "deployment": "local", "changed": True, "resources": APPLIED["resources"], "targets": ["10.20.16.10"],
    "url": "https://localhost:40001", "test_url": "https://localhost:40002",
    "certificates": ".local/local/load-balancer.pem", "status": STATUS,
}  # fmt: skip


def _verification(*, ended: bool) -> Document:
    return {"ended": ended, "chunks": 7, "rows": 6_400, "differing": 0, "findings": [], "age_seconds": 3.5}


LEDGER: Document = {
    "writer": "blue", "epoch": 12, "state": "open", "since_seconds": 86_400.5, "healthy": False,
    "databases": {
        "blue": {
            "row": {"epoch": 12, "writer": "blue", "state": "open"}, "engine": "Aurora MySQL",
            "channel": {"running": True, "lag": 0, "error": None}, "error": None,
        },
        "green": {
            "row": {"epoch": 11, "writer": "blue", "state": "open"}, "engine": "Aurora MySQL",
            "channel": {"running": False, "lag": None, "error": "1677: Column 4 of table 'payments.payment' "
            "cannot be converted from type 'int' to type 'varchar(3)'"}, "error": None,
        },
    },
    "guards": [
        {"name": "here", "colour": "blue", "passed": True, "found": "blue"},
        {"name": "watchdog", "colour": "green", "passed": False, "found": "watchdog_green DISABLED"},
    ],
    "verified": _verification(ended=True), "verifying": _verification(ended=False),
}  # fmt: skip
VERIFIED: Document = {
    "ended": True, "chunks": 7, "rows": 6_400, "differing": 21, "age_seconds": 0.0,
    "findings": ["payment: rows past 1000 up to 2000 differ (1000 on blue, 999 on green)"] * 20,
}  # fmt: skip
ADMITTED: Document = {
    "stacks": {
        "production": {
            "resource": {
                "aws_lightsail_disk": {
                    "archive": {
                        "//": {"checkov": {"skip": [{"id": "CKV2_BG_260", "owner": "", "comment": ""}]}}
                    }
                }
            }
        }
    },
    "reasons": {
        "production": {
            "aws_lightsail_disk.archive": "is of the resource type aws_lightsail_disk, which no policy knows"
        }
    },
    "errors": [],
}
MUTATED: Document = {
    "exit_code": 1, "stacks": ["production"], "seed": 7, "possible": 31080, "mutants": 1500, "noticed": 900,
    "noticed_there": 850, "score": 60.0, "guarded_score": 97.5,
    "operators": [{"operator": "redirect", "mutants": 300, "noticed": 210, "score": 70.0}],
    "policies": [
        {"policy": "CKV2_BG_260", "arguments": 3, "mutants": 240, "noticed": 2, "survived": 4, "score": 98.3}
    ],
    "unguarded": [
        {"argument": "aws_cloudwatch_dashboard.dashboard_body.widgets[].properties.title", "mutants": 3,
         "operators": ["drop", "redirect"], "example": "aws_cloudwatch_dashboard.dashboard_0A1B2C3D"}
    ],
    "survived": [
        {"argument": "aws_lb_listener.default_action[].forward.stickiness", "operator": "drop",
         "address": "aws_lb_listener.traffic_listener_0A1B2C3D", "stack": "production"}
    ],
    "alarms": ["CKV_BG_25 aws_lb_target_group.thing-123456789"], "errors": [],
}  # fmt: skip
POLICIES: list[Document] = [
    {"policy": "CKV2_BG_31", "requirement": "R14", "pci": "1.3.1, 1.4.4", "severity": "CRITICAL",
     "title": "The databases admit connections from the application tier of their own colour alone"},
]  # fmt: skip
ENDED = Outcome(
    "rolled_back",
    f"GatesNotPassedError: {GROUP} has no healthy target",
    STATUS["weights"],
    None,
    gates("green"),
)
PLAN = parse_plan(
    "green", steps_text="5,25,50,100", bake="10m", approve_at="25,50", approval_timeout="12h", deadline=None,
    reason=REASON,
)  # fmt: skip
SAMPLES = [Sample(NOW + timedelta(seconds=n), 100 - n, n) for n in range(90)]


def _outcome(found: Document) -> RenderableType:
    return outcome.outcome_view(found["name"], replace(ENDED, cause=found["cause"], gates=found["gates"]))


def _followed(found: Document) -> RenderableType:
    return follow.follow_view(found["name"], found["status"], found["workflow"], SAMPLES, found["trouble"])


# Verbs → the document that a view gets, and the view.
_POLICY: Document = {
    "name": "payments-production-apply-1",
    "arn": "arn:aws:iam::123456789012:policy/deployers/payments-production-apply-1",
    "document": {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["iam:PassRole", "elasticloadbalancing:ModifyLoadBalancerAttributes"],
                "Resource": "arn:aws:iam::123456789012:role/payments-production-database-monitoring",
                "Condition": {"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}},
            },
            {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": ["*"], "Sid": "NotAnotherRole"},
        ],
    },
}
PERMISSIONS: Document = {
    "deployment": "production",
    "roles": [
        {
            "name": "apply",
            "arn": "arn:aws:iam::123456789012:role/deployers/payments-production-apply",
            "policies": [_POLICY],
        }
    ],
    "boundary": {**_POLICY, "name": "payments-production-boundary"},
}
SHOWN: Mapping[str, tuple[Any, View]] = {
    "status": (STATUS, lambda found: traffic.status_view(found, PLACE)),
    "switch, rollback": (MOVED, lambda found: traffic.move_view(found, PLACE)),
    "preflight": (PREFLIGHT, control.preflight_view),
    "freeze, unfreeze": ({"frozen": STATUS["frozen"]}, control.freeze_view),
    "reconcile": ({"writes": MOVED["writes"], "images": REPAIRED}, control.reconcile_view),
    "deploy": (DEPLOYED, deploy.deploy_view),
    "history": (ENTRIES, history.history_view),
    "shift: plan": (PREFLIGHT, lambda found: plan.plan_view(PLAN, found, NOW)),
    "follow": ({"name": "s", "trouble": REASON, "status": STATUS, "workflow": WORKFLOW}, _followed),
    "shift, follow: outcome": ({"name": "s", "cause": ENDED.cause, "gates": list(ENDED.gates)}, _outcome),
    "approve, abort": (WORKFLOW, workflows.workflow_view),
    "plan": (PLANNED, plans.planned_view),
    "apply": (APPLIED, plans.applied_view),
    "bootstrap": (BOOTSTRAP, bootstrap.bootstrap_view),
    "doctor": (DOCTOR, doctor.doctor_view),
    "policies": (POLICIES, policies_view),
    "mutate": (MUTATED, mutate.mutate_view),
    "admit": (ADMITTED, admit_view),
    "permissions": (PERMISSIONS, permissions.permissions_view),
    "ledger status": (LEDGER, ledger.status_view),
    "ledger verify": (VERIFIED, ledger.verified_view),
    "ledger migrate": (
        {"writer": "blue", "statements": ["ALTER TABLE payment ADD note INT NULL"], "done": 1},
        ledger.migrated_view,
    ),
    "ledger reclaim": (
        {"writer": "blue", "epoch": 14, "revoked": ["sgr-1", "sgr-2"]}, ledger.reclaimed_view
    ),
    "ledger move": ({"writer": "green", "epoch": 13, "pause_ms": 41}, ledger.moved_view),
    "local up": (UP, lambda found: local.up_view(found, PLACE)),
    "local denials": (DENIALS, local.denials_view),
    "local status": (LOCAL, local.status_view),
    "local load": (LOAD, load.summary_view),
    "local load, live": ({"totals": LOAD, "last": LAST}, lambda found: load.live_view(**found)),
}  # fmt: skip


def view(verb: str, change: Callable[[str], str] = str) -> RenderableType:
    """What the verb shows, as it comes from `show_data`, with every text changed that isn't in WORDS."""
    document, of = SHOWN[verb]
    return of(data(changed(document, change)))


def changed(value: Any, change: Callable[[str], str], key: str = "") -> Any:
    """The document with its texts changed."""
    match value:
        case dict():
            return {name: changed(inner, change, name) for name, inner in value.items()}
        case list() | tuple():
            return [changed(inner, change, key) for inner in value]
        case str() if key not in WORDS:
            return change(value)
        case _:
            return value


def texts(value: Any, key: str = "") -> set[str]:
    """All texts of a document that an operator reads."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    changed(value, note, key)
    return set(found)
