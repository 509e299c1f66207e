"""Stands in for the switch function, by its contract: what the command line asks, and what drives a workflow.

Weights, records and alarms are a JSON document in the file STATE, which tests read and write, too; the health
of targets is the load balancer's.
"""

import fcntl
import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

Document = dict[str, Any]

COLOURS = ("blue", "green")
VERIFY_SECONDS = 1


class SwitchError(Exception):
    pass


def error(name: str, what: str, gates: Sequence[Document] = (), weights: object = None) -> SwitchError:
    details: Document = {"what": what, "where": "the stand-in", "cause": "its contract", "fix": "look again"}
    details |= {"weights": weights, "problems": [], "gates": list(gates)}
    kind: type[SwitchError] = type(name, (SwitchError,), {})
    return kind(json.dumps(details))


def handler(event: Document, context: Any) -> Document:
    """The entry point."""
    action = event["action"]
    request = event.get("request_id", context.aws_request_id)
    event = (
        proven(event, event.get("workflow"), context)
        if action in ("begin", "begin_ledger")
        else proven(event, request, context)
    )
    with held() as state:
        started = now()
        before = dict(state["weights"])
        try:
            if state["busy"] > 0 and action in ("switch", "shift", "rollback"):
                state["busy"] -= 1
                raise error("LockedError", "request other holds the lock until 2026-11-25T18:00:00.000Z")
            answer = ACTIONS[action](state, event)
        except SwitchError as failure:
            record(state, event, request=request, before=before, started=started, failure=failure)
            raise
        record(state, event, request=request, before=before, started=started, failure=None)
        return {"action": action, "request_id": request, **answer}


def proven(event: Document, request: str | None, context: Any) -> Document:
    """The event with the ARN of who sends it, by the contract of lambda_src/contract/attestation.py."""
    signed = event.get("plan", event)
    if "attestation" not in signed:
        return event
    asked = {name: value for name, value in signed.items() if name != "attestation"}
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    headers = {"x-bluegreen-request": str(request), "x-bluegreen-function": context.invoked_function_arn}
    url = urlsplit(signed["attestation"])
    sts = HTTPConnection(url.netloc, timeout=10)
    sts.request("GET", f"{url.path}?{url.query}", headers=headers | {"x-bluegreen-digest": digest})
    (by,) = re.findall("<Arn>(.*)</Arn>", sts.getresponse().read().decode())
    sts.close()
    signed["by"] = by
    return event


@contextmanager
def held() -> Iterator[Document]:
    """The document, changed by nobody else meanwhile; a failure keeps what was changed before it."""
    with Path(os.environ["STATE"]).open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        state = json.load(file)
        try:
            yield state
        finally:
            file.seek(0)
            file.truncate()
            json.dump(state, file)


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def record(
    state: Document,
    event: Document,
    *,
    request: str,
    before: object,
    started: datetime,
    failure: Exception | None,
) -> None:
    unnoted = ("status", "history", "preflight", "verify", "ask", "begin", "begin_ledger", "deployment")
    if event["action"] in unnoted and not failure:
        return
    details = json.loads(str(failure)) if failure else None
    entry = {"id": request, "action": event["action"], "outcome": "refused" if failure else "done"}
    entry |= {"by": event.get("by"), "reason": event.get("reason"), "target": event.get("target")}
    entry |= {"workflow": event.get("workflow"), "from": before, "to": dict(state["weights"])}
    entry |= {"gates": details["gates"] if details else [], "started_at": iso(started)}
    entry |= {"finished_at": iso(now()), "duration_ms": 1}
    entry["error"] = {"type": type(failure).__name__, "what": details["what"]} if details else None
    state["history"].insert(0, entry)


def verdict(gate: str, colour: str | None, passed: bool, value: str, threshold: str) -> Document:
    return {"gate": gate, "colour": colour, "passed": passed, "value": value, "threshold": threshold}


def targets(colour: str) -> list[Document]:
    found = boto3.client("elbv2").describe_target_health(
        TargetGroupArn=os.environ[f"{colour.upper()}_TG_ARN"]
    )
    return [
        {
            "id": item["Target"]["Id"],
            "port": item["Target"]["Port"],
            "state": item["TargetHealth"]["State"],
            "reason": item["TargetHealth"].get("Reason", ""),
            "description": item["TargetHealth"].get("Description", ""),
        }
        for item in found["TargetHealthDescriptions"]
    ]


def gates(state: Document, colour: str) -> list[Document]:
    health = targets(colour)
    healthy = sum(target["state"] == "healthy" for target in health)
    alarm = state["alarms"][colour]
    frozen = state["frozen"]
    return [
        verdict("targets", colour, healthy > 0, f"{healthy} of {len(health)} healthy", "at least 1"),
        verdict("alarms", colour, alarm == "OK", alarm, "OK"),
        verdict("frozen", None, not frozen, frozen["reason"] if frozen else "no", "no"),
    ]


def pass_gates(state: Document, colour: str) -> list[Document]:
    found = gates(state, colour)
    failed = [one for one in found if not one["passed"]]
    if failed:
        what = ", ".join(f"{one['gate']}: {one['value']}" for one in failed)
        raise error(
            "GatesNotPassedError", f"{colour} does not pass its gates: {what}", found, state["weights"]
        )
    return found


def running(state: Document) -> Document | None:
    found: Document | None = state["workflow"]
    return found if found and found["state"] in ("running", "baking", "waiting_for_approval") else None


def other(colour: str) -> str:
    return COLOURS[1 - COLOURS.index(colour)]


def give(state: Document, colour: str, percent: int) -> None:
    state["weights"] = {one: percent if one == colour else 100 - percent for one in COLOURS}
    if percent == 100 and state["active"] != colour:
        state["source"], state["active"] = state["active"], colour


def status(state: Document, _event: Document) -> Document:
    health = {colour: targets(colour) for colour in COLOURS}
    colours = {
        colour: {
            "weight": state["weights"][colour],
            "test_weight": 100 * (state["active"] != colour),
            "healthy": sum(target["state"] == "healthy" for target in found),
            "total": len(found),
            "targets": found,
        }
        for colour, found in health.items()
    }
    return {
        "active": state["active"],
        "recorded_active": state["active"],
        "weights": state["weights"],
        "test_weights": {colour: found["test_weight"] for colour, found in colours.items()},
        "colours": colours,
        "migration": {"status": "not_started", "source": None, "target": None, "reason": ""},
        "consistent": True,
        "differences": [],
        "gates": {colour: gates(state, colour) for colour in COLOURS},
        "history": state["history"][:5],
    } | guards(state)


def guards(state: Document) -> Document:
    found = running(state)
    lock = {"holder": found["id"], "request": None, "until": found["deadline_at"]} if found else None
    return {"lock": lock, "frozen": state["frozen"], "workflow": state["workflow"]}


def preflight(state: Document, event: Document) -> Document:
    held = running(state)
    lock = f"held by {held['id']} until {held['deadline_at']}" if held else "free"
    found = [*gates(state, event["target"]), verdict("lock", None, held is None, lock, "free")]
    weights = state["weights"]
    if state["unreadable"]:
        weights = None
        found.append(
            verdict("listener", None, False, "the production listener has no forward", "one forward")
        )
    ready = all(one["passed"] for one in found)
    answer = {"ready": ready, "target": event["target"], "percent": event.get("percent", 100)}
    answer["ledger"] = {"writer": None} if state["ledger"] else None
    return answer | {"weights": weights, "gates": found} | guards(state)


def history(state: Document, event: Document) -> Document:
    return {"entries": state["history"][: event.get("limit", 10)]}


def moved(state: Document, before: object, found: list[Document], workflow: str | None = None) -> Document:
    return {
        "changed": before != state["weights"],
        "before": before,
        "after": state["weights"],
        "active": state["active"],
        "test_weights": {colour: 100 * (state["active"] != colour) for colour in COLOURS},
        "migration": None,
        "writes": ["listener"] if before != state["weights"] else [],
        "gates": found,
        "workflow": workflow,
        "repeated": False,
        "notified": True,
    }


def move(state: Document, event: Document) -> Document:
    """switch, and shift in and outside of a workflow."""
    before = dict(state["weights"])
    if workflow := event.get("workflow"):
        mine(state, workflow)
    elif running(state):
        raise error("LockedError", f"{state['workflow']['id']} holds the lock until 18:00", (), before)
    found = pass_gates(state, event["target"])
    give(state, event["target"], event.get("percent", 100))
    answer = moved(state, before, found, workflow)
    if not workflow and 0 < event.get("percent", 100) < 100:
        until = now() + timedelta(seconds=event.get("hold_seconds", 1800))
        answer |= {"workflow": "share-20261125T174500-3fa9c2d1", "held_until": iso(until)}
    if workflow:
        record_of = state["workflow"]
        bake = record_of["bake_seconds"]
        record_of |= {"state": "baking", "step": event["step"], "percent": event["percent"]}
        record_of["baking_until"] = iso(now() + timedelta(seconds=bake))
        answer["wait_seconds"] = min(VERIFY_SECONDS, bake)
    return answer


def mine(state: Document, workflow: str) -> Document:
    found: Document = state["workflow"]
    if found["id"] != workflow or found["state"] == "superseded":
        raise error("LockLostError", "somebody took over", (), state["weights"])
    if found["abort"]:
        raise error("AbortedError", f"aborted by {found['abort']['by']}: {found['abort']['reason']}")
    return found


def rollback(state: Document, event: Document) -> Document:
    before = dict(state["weights"])
    found = state["workflow"]
    if event.get("force") and not event.get("reason"):
        raise error("ValidationError", "force needs a reason")
    source: str = found["source"] if found else state["source"]
    target: str = event.get("target") or source
    if target != source and not event.get("workflow"):
        raise error("RollbackRefusedError", f"{target} is not where the traffic came from", (), before)
    health = gates(state, target)[:1]
    if not health[0]["passed"] and not event.get("force"):
        raise error("GatesNotPassedError", f"{target} has no healthy target", health, before)
    if event.get("workflow"):
        raw = event.get("cause")
        found |= {"state": "rolled_back", "cause": sentence(raw), "raw_cause": raw, "finished_at": iso(now())}
    elif running(state):
        found |= {"state": "superseded", "cause": "a rollback took over", "finished_at": iso(now())}
    give(state, target, 100)
    state["source"] = target
    return moved(state, before, health, event.get("workflow")) | {"findings": state["findings"]}


def sentence(raw: str | None) -> str | None:
    """What the function makes of Step Functions' JSON."""
    cause = json.loads(raw)["Cause"] if raw else None
    what: str | None = json.loads(json.loads(cause)["errorMessage"])["what"] if cause else None
    return what


def freeze(state: Document, event: Document) -> Document:
    state["frozen"] = {"by": event.get("by"), "reason": event["reason"], "at": iso(now())}
    return {"frozen": state["frozen"]}


def unfreeze(state: Document, _event: Document) -> Document:
    state["frozen"] = None
    return {"frozen": None}


def reconcile(state: Document, event: Document) -> Document:
    if event.get("repair") and not event.get("reason"):
        raise error("ValidationError", "repair needs a reason")
    writes = ["listener"] if event.get("repair") else ["migration_status"]
    return {"writes": writes, "findings": state["findings"]}


def current(state: Document, event: Document) -> Document:
    found = running(state)
    if not found or event.get("workflow", found["id"]) != found["id"]:
        raise error("NoWorkflowError", "no such shift is running", (), state["weights"])
    return found


def approve(state: Document, event: Document) -> Document:
    found = current(state, event)
    if found["state"] != "waiting_for_approval":
        raise error("NoWorkflowError", f"{found['id']} waits for no approval", (), state["weights"])
    found["approval"]["approved_by"] = event.get("by")
    found["state"] = "running"
    return {"workflow": found}


def abort(state: Document, event: Document) -> Document:
    found = current(state, event)
    found["abort"] = {"by": event.get("by"), "reason": event.get("reason"), "at": iso(now())}
    found["state"] = "aborting"
    return {"workflow": found}


def begin(state: Document, event: Document) -> Document:
    plan = event["plan"]
    if running(state):
        raise error(
            "LockedError", f"{state['workflow']['id']} holds the lock until 18:00", (), state["weights"]
        )
    if state["weights"][plan["target"]] == 100:
        raise error("NothingToShiftError", f"{plan['target']} has all traffic")
    pass_gates(state, plan["target"])
    state["workflow"] = {
        "id": event["workflow"],
        "state": "running",
        "target": plan["target"],
        "source": other(plan["target"]),
        "steps": plan["steps"],
        "approve_at": plan["approve_at"],
        "ledger_after": plan.get("ledger_after"),
        "step": 0,
        "percent": state["weights"][plan["target"]],
        "bake_seconds": plan["bake_seconds"],
        "approval_timeout_seconds": plan.get("approval_timeout_seconds", 3600),
        "baking_until": None,
        "deadline_at": iso(now() + timedelta(seconds=plan.get("deadline_seconds", 3600))),
        "started_at": iso(now()),
        "finished_at": None,
        "by": plan.get("by"),
        "reason": plan.get("reason"),
        "approval": None,
        "abort": None,
        "cause": None,
        "raw_cause": None,
    }
    return {
        "workflow": event["workflow"],
        "target": plan["target"],
        "reason": plan.get("reason"),
        "by": plan.get("by"),
        "percents": plan["steps"],
        "approvals": [step in plan["approve_at"] for step in plan["steps"]],
        "step": 0,
        "last": len(plan["steps"]) - 1,
    }


def begin_ledger(state: Document, event: Document) -> Document:
    plan, row = event["plan"], event["ledger"]
    alone = plan.get("only_ledger")
    if not alone and state["frozen"]:
        pass_gates(state, plan["target"])
    if alone and row["state"] == "open" and row["writer"] != plan["target"]:
        if found := running(state):
            raise error("LockedError", f"{found['id']} holds the lock until 18:00", (), state["weights"])
        pass_gates(state, plan["target"])
    state["begun"] = {"from": row["writer"], "by": plan.get("by"), "reason": plan.get("reason")}
    return {}


def ledger(state: Document, event: Document) -> Document:
    moved, begun = event.get("moved"), state["begun"]
    event |= {"by": begun["by"], "reason": begun["reason"]}
    if moved:
        state["moves"].append({"from": begun["from"], **moved})
    nothing = "refused" if event.get("error") in ("MoveRefusedError", "GatesNotPassedError") else "unfinished"
    shift = state["workflow"]
    if not shift or shift["id"] != event["workflow"]:
        return {"next": "moved" if moved else nothing}
    if shift["percent"] < 100:
        return {"next": "next_step" if moved else "roll_back"}
    shift |= {"state": "completed" if moved else "ledger_not_moved", "finished_at": iso(now())}
    return {"next": "shifted" if moved else nothing}


def ask(state: Document, event: Document) -> Document:
    found = mine(state, event["workflow"])
    found["state"] = "waiting_for_approval"
    found["approval"] = {
        "percent": found["steps"][event["step"]],
        "asked_at": iso(now()),
        "expires_at": iso(now() + timedelta(seconds=found["approval_timeout_seconds"])),
        "approved_by": None,
    }
    return {"wait_seconds": VERIFY_SECONDS}


def verify(state: Document, event: Document) -> Document:
    found = mine(state, event["workflow"])
    seen = pass_gates(state, found["target"])
    step = event["step"]
    if found["steps"][step] > found["percent"]:
        return {"next": approved(found), "wait_seconds": VERIFY_SECONDS, "cause": None, "gates": seen}
    left = (datetime.fromisoformat(found["baking_until"]) - now()).total_seconds()
    following = "finalize" if step == len(found["steps"]) - 1 else "next_step"
    if found["percent"] == found["ledger_after"] < 100 and not state["moves"]:
        following = "move_ledger"
    wait = min(VERIFY_SECONDS, max(0, math.ceil(left)))
    return {"next": "wait" if left > 0 else following, "wait_seconds": wait, "cause": None, "gates": seen}


def approved(found: Document) -> str:
    if found["approval"]["approved_by"]:
        return "shift"
    if now() > datetime.fromisoformat(found["approval"]["expires_at"]):
        raise error("ApprovalExpiredError", "the approval did not come within its time")
    return "wait"


def finalize(state: Document, event: Document) -> Document:
    found = mine(state, event["workflow"])
    ledger_follows = found["ledger_after"] == 100
    ended = {"state": "completed", "finished_at": iso(now())}
    found |= {"state": "moving_ledger"} if ledger_follows else ended
    following = "move_ledger" if ledger_follows else "end"
    return {"workflow": found["id"], "weights": state["weights"], "next": following}


def deploy(state: Document, event: Document) -> Document:
    """Ends as the test says: `unchanged`, `refused`, or how the workflow ends."""
    if state["deployment"] == "refused":
        raise error("GatesNotPassedError", "serving of green: green gets 100 % of the traffic")
    if state["deployment"] == "unchanged":
        return {"workflow": None, "changed": False, "before": event["image"], "image": event["image"]}
    id_ = f"deploy-{now():%Y%m%dT%H%M%S}-0"
    state["deploying"] = {"id": id_, "state": "deploying", "cause": None, "target": event["target"]}
    return {"workflow": id_, "changed": True, "before": "before", "image": event["image"]}


def deployment(state: Document, _: Document) -> Document:
    """In progress at the first look, over at the second."""
    found = state["deploying"]
    revision = f"payments-local-{found['target']}:2"
    rollout = {"revision": revision, "state": "IN_PROGRESS", "reason": "", "running": 0, "desired": 3}
    if not found.get("seen"):
        found["seen"] = True
        reason = ["CannotPullContainerError"] if state["deployment"] == "rolled_back" else []
        return {"workflow": found, "outcome": None, "rollout": rollout, "stopped": reason}
    end = state["deployment"]
    found |= {"state": end, "cause": "a task stopped" if end != "completed" else None}
    return {"workflow": found, "outcome": end, "rollout": rollout, "stopped": []}


ACTIONS: dict[str, Callable[[Document, Document], Document]] = {
    "deploy": deploy,
    "deployment": deployment,
    "status": status,
    "history": history,
    "preflight": preflight,
    "switch": move,
    "shift": move,
    "rollback": rollback,
    "freeze": freeze,
    "unfreeze": unfreeze,
    "reconcile": reconcile,
    "approve": approve,
    "abort": abort,
    "begin": begin,
    "begin_ledger": begin_ledger,
    "ledger": ledger,
    "ask": ask,
    "verify": verify,
    "finalize": finalize,
}
