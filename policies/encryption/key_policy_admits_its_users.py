"""The services that have to use a key may use it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, Stack

from iam_evaluation import Caller, Kind, Policy, PolicyError, parse_policy
from policies import _iam
from policies._arns import Arns
from policies._evaluation import decided_of_key
from policies._policy import StackPolicy
from policies.encryption._service_users import DATA_KEYS, Question, questions

_EXPRESSION = re.compile(r"\$\{[^{}]*\}")
_ALARMS = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
_ACTIONS = ("alarm_actions", "ok_actions", "insufficient_data_actions")
# Who encrypts through which service in this account's name: type → argument, service, what it needs. Source:
# KMS developer guide, "How AWS services use AWS KMS"; the services' own pages on encryption at rest.
_THROUGH = {
    "aws_dynamodb_table": (
        "server_side_encryption.kms_key_arn",
        "dynamodb",
        ("kms:Decrypt", "kms:CreateGrant"),
    ),
    "aws_ecr_repository": ("encryption_configuration.kms_key", "ecr", ("kms:CreateGrant",)),
    "aws_lambda_function": ("kms_key_arn", "lambda", ("kms:Decrypt",)),
    "aws_rds_cluster": ("kms_key_id", "rds", ("kms:CreateGrant",)),
    "aws_secretsmanager_secret": ("kms_key_id", "secretsmanager", DATA_KEYS),
    "aws_sns_topic": ("kms_master_key_id", "sns", DATA_KEYS),
    "aws_sqs_queue": ("kms_master_key_id", "sqs", DATA_KEYS),
}


class KeyPolicyAdmitsItsUsers(StackPolicy):
    policy = "CKV2_BG_321"
    title = "The policy of each key admits the services that have to use it"
    requirement = "R02"
    pci = "3.6.1.3"
    profiles = ("general",)
    severity = "HIGH"
    needs_account = True
    why = "Logs, alarms and events are lost without a word, or the apply fails"
    fix = "add a statement for the service, with the actions and the conditions that it sends"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for key in stack.resources("aws_kms_key"):
            place = next(stack.users(key, "key_id", "aws_kms_key_policy"), key)
            if not _iam.statements(place.get("policy")):
                continue  # another policy's finding
            policy = _parsed(place, stack)
            if policy is None:
                yield place, "has a policy that IAM would refuse"
                continue
            unique = {repr(question): question for question in _questions(key, stack)}
            for caller, action, context, what in unique.values():
                if not _may(policy, caller, action, context, stack):
                    yield place, f"does not allow {action} to {what}"


def _parsed(place: Block, stack: Stack) -> Policy | None:
    """Roles of the stack stand in the text as references: they are of this account."""
    arns = stack.derived(Arns)
    text = place.get("policy")
    text = text if isinstance(text, str) else json.dumps(text)
    try:
        return parse_policy(
            _EXPRESSION.sub(arns.role("referred"), text),
            name=place.address,
            kind=Kind.KEY,
        )
    except PolicyError:
        return None


def _may(policy: Policy, caller: Caller, action: str, context: dict[str, Any], stack: Stack) -> bool:
    arns = stack.derived(Arns)
    key = arns.named("kms", "key/00000000-0000-4000-8000-000000000000")
    return decided_of_key(policy, caller, action, key, context, arns.account).allowed


def _questions(key: Block, stack: Stack) -> Iterator[Question]:
    arns = stack.derived(Arns)
    yield from _logs(key, stack, arns)
    yield from _topics(key, stack, arns)
    yield from _administration(arns)
    yield from _backups(key, stack, arns)
    yield from questions(key, stack)
    role = Caller.role(arns.role("any"))
    for type_, (argument, service, actions) in _THROUGH.items():
        if any(True for _ in stack.users(key, argument, type_)):
            via = {
                "kms:ViaService": f"{service}.{arns.region}.amazonaws.com",
                "kms:CallerAccount": arns.account,
            }
            for action in actions:
                granting = {"kms:GrantIsForAWSResource": True} if action == "kms:CreateGrant" else {}
                yield role, action, via | granting, f"roles of the account through {service}"


def _administration(arns: Arns) -> Iterator[Question]:
    """A key that nobody administers is lost. Source: KMS developer guide, "Default key policy"."""
    for action in ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"):
        yield Caller.role(arns.role("administrator")), action, {}, "administrators of the account"


def _backups(key: Block, stack: Stack, arns: Arns) -> Iterator[Question]:
    """AWS Backup makes grants on the keys of vaults in its role's name. Source: AWS Backup developer guide,
    "Encryption for backups".
    """
    if not any(True for _ in stack.users(key, "kms_key_arn", "aws_backup_vault")):
        return
    for selection in stack.resources("aws_backup_selection"):
        for role in selection.refers("iam_role_arn", "aws_iam_role"):
            context = {"kms:GrantIsForAWSResource": True}
            yield Caller.role(arns.of(role)), "kms:CreateGrant", context, f"{role.address} for backups"


def _logs(key: Block, stack: Stack, arns: Arns) -> Iterator[Question]:
    service = f"logs.{arns.region}.amazonaws.com"
    for group in stack.users(key, "kms_key_id", "aws_cloudwatch_log_group"):
        name = str(group.get("name") or "")
        if name and "${" not in name:
            context = {"kms:EncryptionContext:aws:logs:arn": arns.named("logs", f"log-group:{name}")}
            for action in ("kms:Encrypt", *DATA_KEYS):
                yield Caller.service(service), action, context, f"{service} for {group.address}"


def _topics(key: Block, stack: Stack, arns: Arns) -> Iterator[Question]:
    alarms, targets = stack.resources(*_ALARMS), stack.resources("aws_cloudwatch_event_target")
    told = {
        block.key for alarm in alarms for name in _ACTIONS for block in alarm.refers(name, "aws_sns_topic")
    }
    aimed = {block.key for target in targets for block in target.refers("arn", "aws_sns_topic")}
    for topic in stack.users(key, "kms_master_key_id", "aws_sns_topic"):
        name = str(topic.get("name") or "")
        if not name or "${" in name:
            continue
        context = {"kms:EncryptionContext:aws:sns:topicArn": arns.named("sns", name)}
        source = {
            "aws:SourceAccount": arns.account,
            "aws:SourceArn": arns.named("cloudwatch", "alarm:any"),
        }
        for action in DATA_KEYS:
            if topic.key in told:
                caller = Caller.service("cloudwatch.amazonaws.com")
                yield caller, action, context | source, f"cloudwatch.amazonaws.com for {topic.address}"
            if topic.key in aimed:
                yield (
                    Caller.service("events.amazonaws.com"),
                    action,
                    context,
                    f"events.amazonaws.com for {topic.address}",
                )


check = KeyPolicyAdmitsItsUsers()
