"""What runs the platform beside the traffic: records and workflow, key and backup, monitoring."""

import json
from collections import Counter
from collections.abc import Iterator

from stack_gate.stack import Block

from bluegreen.diagram.locks import KEYS, keepers, word
from bluegreen.diagram.model import Kind, Lock, Node, Place
from bluegreen.diagram.scene import Scene
from bluegreen.diagram.words import count, tally

ALARMS, COMPOSITE = "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"
RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"


def control(scene: Scene) -> Iterator[Node]:
    """What the switch keeps its record in, and the workflow that calls it."""
    if parameters := scene.stack.resources("aws_ssm_parameter"):
        names = ", ".join(scene.short(parameter) for parameter in parameters)
        yield scene.node(
            Kind.RECORDS, Place.CONTROL, "SSM parameters", names, of=parameters, locked=parameters
        )
    for machine in scene.stack.resources("aws_sfn_state_machine"):
        yield scene.node(
            Kind.WORKFLOW,
            Place.CONTROL,
            f"State machine {scene.short(machine)}",
            _states(machine),
            of=[machine],
            locked=[machine],
        )


def protection(scene: Scene) -> Iterator[Node]:
    """Keys and what they encrypt; vaults and what is copied there."""
    held = list(keepers(scene.stack))
    own = [word(resource) for resource, lock in held if lock is Lock.CUSTOMER]
    for key in scene.stack.resources(*KEYS):
        aliases = scene.stack.referrers(key, "aws_kms_alias")
        others = (
            f"{label}: {tally(word(resource) for resource, lock in held if lock is kind)}"
            for kind, label in ((Lock.AWS, "key of AWS"), (Lock.NONE, "not encrypted"))
            if any(lock is kind for _, lock in held)
        )
        rotated = "rotated every year" if key.flag("enable_key_rotation") else "not rotated"
        yield scene.node(
            Kind.KEY, Place.PROTECTION, f"KMS key, {rotated}", f"encrypts {tally(own)}", *others,
            of=[key, *aliases],
        )  # fmt: skip
    for vault in scene.stack.resources("aws_backup_vault"):
        yield _backup(scene, vault)


def monitoring(scene: Scene) -> Iterator[Node]:
    """Alarms, events, whom they tell, dashboards and logs."""
    yield from _alarms(scene)
    for topic in scene.stack.resources("aws_sns_topic"):
        targets = scene.stack.referrers(topic, TARGET)
        rules = scene.stack.referred([target.body.get("rule") for target in targets], RULE)
        yield scene.node(
            Kind.TOPIC,
            Place.WATCH,
            f"Topic {scene.short(topic)}",
            f"also notified by {count(len(rules), 'event rule')}" if rules else None,
            of=[topic, *rules, *targets],
            locked=[topic],
        )
    for dashboard in scene.stack.resources("aws_cloudwatch_dashboard"):
        name = dashboard.get("dashboard_name")
        yield scene.node(Kind.DASHBOARD, Place.WATCH, "Dashboard", name, of=[dashboard])
    yield from _logs(scene)


def _states(machine: Block) -> str | None:
    try:
        return count(len(json.loads(str(machine.body.get("definition")))["States"]), "state")
    except (ValueError, KeyError, TypeError):
        return None


def _backup(scene: Scene, vault: Block) -> Node:
    plans = scene.stack.referrers(vault, "aws_backup_plan")
    selections = [s for plan in plans for s in scene.stack.referrers(plan, "aws_backup_selection")]
    covered = scene.stack.referred([selection.body.get("resources") for selection in selections])
    days = {str(rule.get("delete_after")) for plan in plans for rule in plan.blocks("rule.lifecycle")}
    rules = sum(len(plan.blocks("rule")) for plan in plans)
    return scene.node(
        Kind.BACKUP,
        Place.PROTECTION,
        "Backup vault",
        f"copies {tally(map(word, covered)) or 'what its selections match'}",
        f"{count(rules, 'rule')}, kept {' or '.join(sorted(days))} days" if days else count(rules, "rule"),
        of=[vault, *plans, *selections],
        locked=[vault],
    )


def _alarms(scene: Scene) -> Iterator[Node]:
    alarms = scene.stack.resources(ALARMS, COMPOSITE)
    by_colour = Counter(scene.colours.of(alarm) or "shared" for alarm in alarms if alarm.type == ALARMS)
    composite = [alarm for alarm in alarms if alarm.type == COMPOSITE]
    if alarms:
        yield scene.node(
            Kind.ALARMS,
            Place.WATCH,
            f"{count(sum(by_colour.values()), 'alarm')}",
            ", ".join(
                f"{by_colour[colour]} {colour}"
                for colour in (*scene.colours.groups, "shared")
                if by_colour[colour]
            ),
            f"{len(composite)} composite: {', '.join(map(scene.short, composite))}" if composite else None,
            of=alarms,
        )


def _logs(scene: Scene) -> Iterator[Node]:
    if groups := scene.stack.resources("aws_cloudwatch_log_group"):
        kept = sorted({int(days) for g in groups if str(days := g.get("retention_in_days")).isdecimal()})
        text = f"kept {' or '.join(map(str, kept))} days" if kept else "kept for ever"
        title = count(len(groups), "log group")
        yield scene.node(Kind.LOGS, Place.WATCH, title, text, of=groups, locked=groups)
    for log in scene.stack.resources("aws_flow_log"):
        traffic = str(log.get("traffic_type") or "all").lower()
        yield scene.node(Kind.LOGS, Place.WATCH, "VPC flow logs", f"{traffic} traffic", of=[log])
    for bucket in scene.stack.resources("aws_s3_bucket"):
        users = scene.stack.referrers(bucket, "aws_lb", "aws_alb", "aws_flow_log")
        logs = any(user.type != "aws_flow_log" for user in users)
        what = "access logs of the load balancer" if logs else scene.short(bucket)
        yield scene.node(Kind.BUCKET, Place.WATCH, "S3 bucket", what, of=[bucket], locked=[bucket])
