"""An event pattern matches events that there are."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from stack_gate.stack import COLOURS, LISTENERS, Block, Stack, number, objects, strings

from iam_evaluation import Caller
from policies._accounts import Accounts
from policies._arns import Arns
from policies._colours import Colours
from policies._evaluation import decided, parsed
from policies._policy import StackPolicy
from policies._schedules import ScheduleError, longest_gap
from policies.alarms._events import RULE, TARGET, decoded, words_of

_RETRIES, _AGE = 3, 300  # a topic that throttles, or a deployment of SNS, lasts minutes
_TRAIL = frozenset({"AWS API Call via CloudTrail", "AWS Service Event via CloudTrail"})
# Source → its detail types. Sources: EventBridge events reference; the services' pages on EventBridge.
_DETAIL_TYPES: Mapping[str, frozenset[str]] = {
    "aws.backup": frozenset({
        "Backup Job State Change", "Backup Plan State Change", "Backup Vault State Change",
        "Copy Job State Change", "Recovery Point State Change", "Region Setting State Change",
        "Report Job State Change", "Restore Job State Change",
    }),
    "aws.ecs": frozenset({
        "ECS Container Instance State Change", "ECS Deployment State Change", "ECS Service Action",
        "ECS Task State Change",
    }),
    "aws.elasticloadbalancing": frozenset(),
    "aws.health": frozenset({"AWS Health Abuse Event", "AWS Health Event"}),
    "aws.iam": frozenset(),
    "aws.kms": frozenset({
        "KMS CMK Deletion", "KMS CMK Rotation", "KMS Imported Key Material Expiration",
    }),
    "aws.rds": frozenset({
        "RDS Blue Green Deployment Event", "RDS DB Cluster Event", "RDS DB Cluster Snapshot Event",
        "RDS DB Instance Event", "RDS DB Parameter Group Event", "RDS DB Proxy Event",
        "RDS DB Security Group Event", "RDS DB Snapshot Event",
    }),
    "aws.secretsmanager": frozenset(),
    "aws.states": frozenset({"Step Functions Execution Status Change"}),
}  # fmt: skip
# Field of `detail` → how AWS writes it.
_FORMS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(form)
    for name, form in {
        "EventCategories": r"[a-z]+(?: [a-z]+){0,3}",
        "eventName": r"[A-Z][A-Za-z0-9_]{1,63}",
        "eventSource": r"[a-z0-9-]+\.amazonaws\.com",
        "eventType": r"ERROR|INFO|WARN",
        "eventTypeCategory": r"accountNotification|investigation|issue|scheduledChange",
        "state": r"[A-Z][A-Z_]{1,30}",
        "status": r"[A-Z][A-Z_]{1,30}",
    }.items()
}
# Who asks for half of them, asks for trouble of one kind, and gets half of it. Sources: Step Functions, AWS
# Backup, AWS Health and Secrets Manager guides, pages on EventBridge; API references of the others.
_FAMILIES: Mapping[str, tuple[frozenset[str], ...]] = {
    source: tuple(frozenset(words.split()) for words in families)
    for source, families in {
        "aws.states": ("ABORTED FAILED TIMED_OUT",),
        "aws.backup": (
            "ABORTED EXPIRED FAILED PARTIAL",
            "DeleteBackupVault DeleteBackupVaultAccessPolicy DeleteBackupVaultLockConfiguration "
            "DeleteRecoveryPoint PutBackupVaultAccessPolicy PutBackupVaultLockConfiguration",
        ),
        "aws.health": ("investigation issue scheduledChange",),
        "aws.ecs": ("ERROR WARN",),
        "aws.secretsmanager": ("RotationAbandoned RotationFailed",),
        "aws.kms": (
            "DisableKey ScheduleKeyDeletion",
            "CancelKeyDeletion DisableKeyRotation EnableKey PutKeyPolicy RevokeGrant",
        ),
        "aws.elasticloadbalancing": ("DeleteListener ModifyListener",),
        "aws.iam": (
            "AttachRolePolicy DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy DetachRolePolicy "
            "PutRolePermissionsBoundary PutRolePolicy UpdateAssumeRolePolicy",
        ),
    }.items()
}
_CLUSTER, _INSTANCE = "aws_rds_cluster", "aws_rds_cluster_instance"
# EventBridge user guide, "Event structure".
_IN_EVENTS = ("$.account", "$.detail", "$.id", "$.region", "$.resources", "$.source", "$.time")
# EventBridge user guide, "Comparison operators in event patterns".
_OPERATORS = frozenset({
    "anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard",
})  # fmt: skip


class EventPatternsMatch(StackPolicy):
    policy = "CKV2_BG_455"
    title = "Each event pattern is well-formed, and names events that AWS sends; its topic gets the event"
    requirement = "R05"
    pci = "10.7.2"
    severity = "MEDIUM"
    yields = True
    why = "EventBridge refuses it, or no event ever matches, and nobody is notified"
    fix = (
        "write source, detail-type and detail as the service's page on EventBridge has them; leave input, "
        "input_path and input_transformer of the topic's target out"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        accounts = stack.derived(Accounts)
        for rule in stack.resources(RULE):
            try:
                longest_gap(str(rule.get("schedule_expression") or "rate(1 day)"))
            except ScheduleError as error:
                yield rule, f"has a schedule that never comes round: {error}"
            pattern = decoded(rule)
            if isinstance(pattern, str):
                yield rule, "has an event_pattern that is no JSON object"
            if not isinstance(pattern, dict):
                continue
            yield from ((rule, what) for what in [*_malformed(pattern, ""), *_unsent(pattern)])
            yield from ((rule, what) for what in _incomplete(pattern, stack))
            for text in strings(pattern.get("resources")):
                if "${" not in text and not text.startswith("arn:"):
                    yield rule, f"has the resource {text}, which is no ARN"
            for text in strings(pattern) if accounts.own else ():  # else CKV2_BG_270 speaks
                for account in accounts.strangers(text):
                    yield rule, f"names what is of the account {account}"
        yield from _uneven(stack)
        for target in stack.resources(TARGET):
            yield from ((target, what) for what in _given_up(target))
            for topic in target.refers("arn", "aws_sns_topic"):
                yield from ((target, what) for what in _unsaid(target))
                yield from _refused(topic)


def _unsaid(target: Block) -> Iterator[str]:
    """What operators are not notified of. Source: EventBridge user guide, "Input transformation"."""
    if target.get("input"):
        yield "sends one text in the place of every event"
    if target.get("input_path") not in (None, "", "$", "$.detail"):
        yield f"sends {target.get('input_path')} of each event alone"
    for body in target.blocks("input_transformer"):
        paths = next(iter(objects(body.get("input_paths"))), {})
        used = [name for name in paths if f"<{name}>" in str(body.get("input_template"))]
        if not any(str(paths[name]).startswith(_IN_EVENTS) for name in used):
            yield "sends nothing of the event"


def _refused(topic: Block) -> Iterator[tuple[Block, str]]:
    """EventBridge publishes, and sends no key of a condition. Source: EventBridge user guide, "Using
    resource-based policies".
    """
    for owner in topic.stack.users(topic, "arn", "aws_sns_topic_policy"):
        try:
            own = parsed(owner.get("policy"), topic.stack)
            arn = topic.stack.derived(Arns).of(topic)
            admitted = decided(own, Caller.service("events.amazonaws.com"), "sns:Publish", arn).allowed
        except ValueError:
            continue  # another policy's finding
        if not admitted:
            yield owner, f"does not let EventBridge publish to {topic.address}"


def _given_up(target: Block) -> Iterator[str]:
    for body in target.blocks("retry_policy"):
        attempts, age = (
            number(body.get("maximum_retry_attempts")),
            number(body.get("maximum_event_age_in_seconds")),
        )
        if (attempts is not None and attempts < _RETRIES) or (age is not None and age < _AGE):
            yield "gives an event up that was not taken at once"


def _malformed(value: Any, path: str) -> Iterator[str]:
    """Source: EventBridge user guide, "Event patterns": objects, and lists of values at their ends."""
    if isinstance(value, dict):
        if not value:
            yield f"has nothing in {path or 'its pattern'}"
        for key, inner in value.items():
            yield from _malformed(inner, f"{path}.{key}" if path else key)
    elif not isinstance(value, list) or not value:
        yield f"has no list of values in {path}"
    elif path.rpartition(".")[2] == "$or":
        for inner in value:
            yield from _malformed(inner, path.removesuffix(".$or"))
    else:
        for item in value:
            operators = [key for entry in objects(item) for key in entry]
            if isinstance(item, dict) and (
                len(operators) != 1 or operators[0] not in _OPERATORS or item[operators[0]] in ([], {}, "")
            ):
                yield f"has the comparison {json.dumps(item)[:100]} in {path}"
            elif item == "*":
                yield f"has * in {path}, which matches a star alone"


_MACHINE = "aws_sfn_state_machine"
_WITHHELD = ("cause", "error", "input", "output")


def _of_machines(detail: Any, stack: Stack) -> Iterator[str]:
    """Source: Step Functions developer guide, "EventBridge", "Data at rest encryption": with a key of the
    customer's, an event has neither input and output nor error and cause.
    """
    machines = stack.resources(_MACHINE)
    for body in objects(detail) if machines else ():
        named = strings(body.get("stateMachineArn"))
        about = [m for m in machines if any(str(m.get("name")) == text.rpartition(":")[2] for text in named)]
        about += stack.referred(named, _MACHINE)
        if named and not about and not any("${" in text for text in named):
            yield f"is about {named[0]}, which is not in the stack"
        for machine in about:
            encrypted = machine.get("encryption_configuration.kms_key_id")
            yield from (
                f"asks for the {key} of an execution, which AWS withholds from events of {machine.address}"
                for key in _WITHHELD
                if key in body and encrypted
            )


def _unsent(pattern: dict[str, Any]) -> Iterator[str]:
    sources = [text for text in strings(pattern.get("source")) if text in _DETAIL_TYPES]
    for text in strings(pattern.get("source")):
        if text.startswith("aws.") and not re.fullmatch(r"aws\.[a-z0-9]+", text):
            yield f"has the source {text}"
    known = _TRAIL.union(*(_DETAIL_TYPES[source] for source in sources))
    if sources and len(sources) == len(strings(pattern.get("source"))):
        for text in strings(pattern.get("detail-type")):
            if text not in known:
                yield f"has the detail-type {text}, which {' and '.join(sources)} does not send"
    yield from _in_other_words(pattern.get("detail"))


def _incomplete(pattern: dict[str, Any], stack: Stack) -> Iterator[str]:
    """What a rule leaves out of what it is about."""
    yield from (f"names no {name}" for name in ("source", "detail-type") if not pattern.get(name))
    yield from _of_machines(pattern.get("detail"), stack)
    families = [one for source in strings(pattern.get("source")) for one in _FAMILIES.get(source, ())]
    for words in words_of(pattern.get("detail")):
        for family in families:
            if len(words & family) * 2 >= len(family) and family - words:
                named, left = (", ".join(sorted(found)) for found in (words & family, family - words))
                yield f"is about {named}, and not {left}"
    for path, values in _named(pattern.get("detail")):
        texts = strings(values)
        found = stack.referred(texts)
        if not found:
            continue
        yield from (
            f"has {text} in {path}, which is none of the stack's" for text in texts if "${" not in text
        )
        if path == "keyId" and {text.rpartition(".")[2] for text in texts} != {"arn}", "key_id}"}:
            yield "names the key by its ARN or its id alone; a caller may give either"
        yield from _of_one_database(found, stack, pattern)
        if any(block.type in LISTENERS for block in found):
            others = [
                b for b in stack.resources(*LISTENERS) if b not in found and _has_one_balancer(b, found)
            ]
            yield from (f"leaves out {other.address}" for other in others)


def _named(value: Any) -> Iterator[tuple[str, list[Any]]]:
    """Each list of a pattern's detail that may name resources, without what is left out."""
    for body in objects(value):
        for key, inner in body.items():
            if isinstance(inner, list) and not any(isinstance(item, dict) for item in inner):
                yield key, inner
            elif isinstance(inner, dict):
                yield from _named(inner)


def _of_one_database(found: list[Block], stack: Stack, pattern: dict[str, Any]) -> Iterator[str]:
    """Events of a cluster come with its ARN or with that of an instance."""
    clusters = {c.key: c for c in found if c.type == _CLUSTER}
    instances = [block for block in found if block.type == _INSTANCE]
    clusters |= {c.key: c for block in instances for c in block.refers("cluster_identifier", _CLUSTER)}
    types = strings(pattern.get("detail-type"))
    for cluster in clusters.values():
        wanted = [cluster] if "RDS DB Cluster Event" in types else []
        if "RDS DB Instance Event" in types:
            wanted += stack.users(cluster, "cluster_identifier", _INSTANCE)
        yield from (f"leaves out {block.address}" for block in wanted if block not in found)


def _has_one_balancer(listener: Block, found: list[Block]) -> bool:
    return any(listener.get("load_balancer_arn") == other.get("load_balancer_arn") for other in found)


def _uneven(stack: Stack) -> Iterator[tuple[Block, str]]:
    """What notifies of one colour notifies of the other: by the words of its rules, and by resources."""
    colours = stack.derived(Colours)
    rules: dict[str, dict[tuple[str, str], list[tuple[Block, set[str]]]]] = {
        c: defaultdict(list) for c in COLOURS
    }
    for rule in stack.resources(RULE):
        pattern = decoded(rule)
        if not isinstance(pattern, dict):
            continue
        detail, own = pattern.get("detail"), colours.of(rule)
        if own is None:
            for path, values in _named(detail):
                counts = Counter(c for b in stack.referred(values) if (c := colours.of(b)) is not None)
                if len(counts) == len(COLOURS) and len(set(counts.values())) > 1:
                    few = min(counts, key=lambda colour: counts[colour])
                    yield rule, f"names fewer resources of {few} than of the other colour in {path}"
            continue
        kind = str(sorted(strings(pattern.get("source")))), str(sorted(strings(pattern.get("detail-type"))))
        rules[own][kind].append((rule, set().union(*words_of(detail))))
    for colour, others in zip(COLOURS, reversed(COLOURS), strict=True):
        for kind, mine in rules[colour].items():
            words = set().union(*(found for _, found in mine))
            for _, twin in rules[others].get(kind, ()):
                if missing := twin - words:
                    rule, _ = max(mine, key=lambda item: len(item[1] & twin))
                    yield rule, f"is not about {', '.join(sorted(missing))}, unlike that of {others}"


def _in_other_words(value: Any) -> Iterator[str]:
    for body in objects(value):
        for key, inner in body.items():
            form = _FORMS.get(key)
            for item in inner if isinstance(inner, list) and form else ():
                if isinstance(item, str) and "${" not in item and form and not form.fullmatch(item):
                    yield f"has {key} {item}"
            yield from _in_other_words(inner)


check = EventPatternsMatch()
