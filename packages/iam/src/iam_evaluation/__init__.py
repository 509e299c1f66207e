"""Evaluates AWS IAM policies: would AWS allow this request, and why?

policy = parse_policy('{"Version": "2012-10-17", "Statement": […]}', name="deployer")
request = Request(Caller.role("arn:aws:iam::111122223333:role/deployer"), "sns:Publish", topic_arn)
decision = evaluate(request, Policies(identity=(policy,)))
decision.allowed, decision.explain()
"""

from iam_evaluation.callers import Caller, CallerKind
from iam_evaluation.decisions import Decision, Failed, Layer, NearMiss, StatementRef, UnmetCondition
from iam_evaluation.documents import Kind, Policy
from iam_evaluation.errors import PolicyError, UnknownActionError
from iam_evaluation.evaluation import evaluate
from iam_evaluation.grants import Grant
from iam_evaluation.parsing import parse_policy
from iam_evaluation.requests import Policies, Request
from iam_evaluation.service_data import Action, ResourceType, condition_key_types, expand_actions, find_action

__all__ = [
    "Action",
    "Caller",
    "CallerKind",
    "Decision",
    "Failed",
    "Grant",
    "Kind",
    "Layer",
    "NearMiss",
    "Policies",
    "Policy",
    "PolicyError",
    "Request",
    "ResourceType",
    "StatementRef",
    "UnknownActionError",
    "UnmetCondition",
    "condition_key_types",
    "evaluate",
    "expand_actions",
    "find_action",
    "parse_policy",
]
