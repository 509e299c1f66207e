"""A function, and each of its versions and aliases, has a policy of its own.

Stock moto answers all of them as one, and keeps the ARN of a role as a principal that no policy may have.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from moto.awslambda.exceptions import GenericResourcNotFound
from moto.awslambda.models import LambdaBackend
from moto.awslambda.policy import Policy

from embedded_aws.extensions import Server, replace

ACCOUNT = re.compile(r"\d{12}")


def install(_: Server) -> None:
    """Extend moto's function policies."""
    replace(Policy, "principal_formatter", _principal)
    replace(LambdaBackend, "get_policy", _get_policy)


def _principal(stock: Callable[..., Any], policy: Policy, given: Any) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html, `Principal`"""
    if isinstance(given, str) and ACCOUNT.fullmatch(given):
        return {"AWS": f"arn:aws:iam::{given}:root"}
    if isinstance(given, str) and given.startswith("arn:"):
        return {"AWS": given}
    return stock(policy, given)


def _get_policy(_: Any, backend: LambdaBackend, name: str, qualifier: str | None = None) -> str:
    """Of the function itself, without a qualifier.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
    """
    function = backend.get_function(name, qualifier)
    unqualified = ":".join(function.function_arn.split(":")[:7])
    own = name.rpartition("function:")[2].partition(":")[2] or qualifier
    resource = f"{unqualified}:{own}" if own else unqualified
    statements = [one for one in function.policy.statements if one["Resource"] == resource]
    if not statements:
        raise GenericResourcNotFound
    document = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
    return json.dumps({"Policy": json.dumps(document), "RevisionId": function.policy.revision})
