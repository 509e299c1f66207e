"""Where the oracle and this package differ, and what AWS says. Each with the smallest example; nothing else
may differ.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from iam_evaluation import Caller, CallerKind
from packages.iam.tests.cases import Case, Document

ACCOUNT = "111122223333"
ROLE = Caller.role(f"arn:aws:iam::{ACCOUNT}:role/app", "one")
USER = Caller.user(f"arn:aws:iam::{ACCOUNT}:user/alice")
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/alice"
ACTION = "dynamodb:GetItem"


@dataclass(frozen=True)
class Difference:
    """source: the AWS document that this package follows. concerns: whether a case has what it is about.

    example: which this package decides as AWS documents it: `ours`; the oracle says `theirs`
    """

    reason: str
    source: str
    concerns: Callable[[Case], bool]
    example: Case
    ours: str
    theirs: str


def documents(case: Case) -> Iterator[Document]:
    """All of them."""
    yield from case.identity
    yield from (one for one in (case.boundary, case.session, case.of_resource, case.endpoint) if one)
    yield from (one for level in case.service_control for one in level)
    yield from case.resource_control


def statements(case: Case) -> Iterator[Document]:
    """Of all documents."""
    for document in documents(case):
        yield from document["Statement"]


def conditions(case: Case) -> Iterator[tuple[str, list[str]]]:
    """Operator, values."""
    for statement in statements(case):
        for operator, keys in statement.get("Condition", {}).items():
            yield from ((operator, _list(values)) for values in keys.values())


def asked(caller: Caller = USER, context: dict[str, Any] | None = None, **given: Any) -> Case:
    """A request for the table."""
    return Case(caller, ACTION, TABLE, ACCOUNT, context or {}, **given)


def document(**elements: Any) -> Document:
    """One statement, which allows everything unless `elements` says otherwise."""
    resource = {} if "NotResource" in elements else {"Resource": "*"}
    statement = {"Effect": "Allow", "Action": "*", **resource, **elements}
    return {"Version": "2012-10-17", "Statement": [statement]}


def never(_case: Case) -> bool:
    """Concerns nothing that is generated."""
    return False


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _of_resource(case: Case) -> list[Document]:
    return list((case.of_resource or {"Statement": []})["Statement"])


def _has_unset(case: Case, values: list[str]) -> bool:
    """The only variable that may be without a value: users have it, others don't."""
    return case.caller.kind is not CallerKind.USER and any("${aws:username}" in value for value in values)


def _exempts_others(case: Case) -> bool:
    """Of the caller's account, or the caller with a boundary."""
    return any(
        case.boundary is not None
        or (case.caller.account in str(named) and case.caller.entity not in str(named))
        for named in (statement.get("NotPrincipal") for statement in _of_resource(case))
        if named
    )


KNOWN = (
    Difference(
        "the oracle gives the root user no access by itself",
        'IAM User Guide, "Policy evaluation logic": the root user has full access by default',
        lambda case: case.caller.kind is CallerKind.ROOT,
        asked(Caller.root(ACCOUNT)),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "the oracle knows no seconds since 1970 in a policy",
        'IAM User Guide, "Condition operators", Date: values are ISO 8601 or epoch time',
        lambda case: any("1782777600" in values for _, values in conditions(case)),
        asked(
            context={"aws:CurrentTime": "2026-01-31T12:00:00Z"},
            identity=(document(Condition={"DateLessThan": {"aws:CurrentTime": "1782777600"}}),),
        ),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "the oracle limits what Principal * grants by the session policy",
        'IAM User Guide, "Principal", IAM role principals: with a wildcard, only explicit denials limit',
        lambda case: (
            bool(case.session)
            and any(statement.get("Principal") in ("*", {"AWS": "*"}) for statement in _of_resource(case))
        ),
        asked(ROLE, of_resource=document(Principal="*"), session=document(Action="s3:*")),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "the oracle limits by the session policy what is granted to the session's own ARN",
        'IAM User Guide, "Session policies": what is granted to the session is added after it is created',
        lambda case: bool(case.session) and case.caller.arn in str(_of_resource(case)),
        asked(ROLE, of_resource=document(Principal={"AWS": ROLE.arn}), session=document(Action="s3:*")),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "to the oracle, NotPrincipal exempts all of an account that it names, and principals with a boundary",
        'IAM User Guide, "NotPrincipal": only the named user is exempt, though the account is named, too; '
        '"Permissions boundaries": a principal that has one is denied',
        _exempts_others,
        asked(
            identity=(document(),),
            of_resource=document(
                Effect="Deny", NotPrincipal={"AWS": [f"arn:aws:iam::{ACCOUNT}:user/bob", ACCOUNT]}
            ),
        ),
        *("ExplicitlyDenied", "Allowed"),
    ),
    Difference(
        "to the oracle, a wildcard doesn't stand for a type of resource",
        'IAM User Guide, "Resource": * expands to everything within a segment, slashes included',
        lambda case: (
            "/" in case.resource
            and any(
                ":*/" in pattern
                for statement in statements(case)
                for pattern in _list(statement.get("Resource", statement.get("NotResource", [])))
            )
        ),
        asked(identity=(document(Resource=f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:*/alice"),)),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "to the oracle, a variable without value fails a negated operator",
        'IAM User Guide, "Variables and tags", Policy variables with no value: negated operators match',
        lambda case: any(
            "Not" in operator and _has_unset(case, values) for operator, values in conditions(case)
        ),
        asked(
            ROLE,
            {"aws:PrincipalTag/team": "blue"},
            identity=(document(Condition={"StringNotEquals": {"aws:PrincipalTag/team": "${aws:username}"}}),),
        ),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "to the oracle, NotResource with a variable without value covers nothing",
        'IAM User Guide, "Variables and tags", Policy variables with no value: it matches no resource',
        lambda case: any(
            _has_unset(case, _list(statement.get("NotResource", []))) for statement in statements(case)
        ),
        asked(
            ROLE,
            identity=(document(NotResource=f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/${{aws:username}}"),),
        ),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "the oracle compares an address without prefix length with none of the other IP version",
        'IAM User Guide, "Condition operators", NotIpAddress: all addresses except the given ones',
        lambda case: (
            ":" in case.context.get("aws:SourceIp", "")
            and any(
                operator.startswith("NotIp") and "198.51.100.1" in values
                for operator, values in conditions(case)
            )
        ),
        asked(
            context={"aws:SourceIp": "2001:db8::1"},
            identity=(document(Condition={"NotIpAddress": {"aws:SourceIp": "198.51.100.1"}}),),
        ),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "to the oracle, ForAnyValue is false without the key, also with IfExists",
        'IAM User Guide, "Condition operators", IfExists: without the key, the condition element is true',
        lambda case: any(
            operator.startswith("ForAnyValue") and operator.endswith("IfExists")
            for operator, _ in conditions(case)
        ),
        asked(identity=(document(Condition={"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": "t*"}}),)),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "to the oracle, variables have values in documents of 2008, too",
        'IAM User Guide, "Variables and tags": without Version 2012-10-17 they are literal texts',
        lambda case: any(
            document["Version"] == "2008-10-17" and "${" in str(document) for document in documents(case)
        ),
        asked(
            identity=(
                {
                    **document(Resource=f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/${{aws:username}}"),
                    "Version": "2008-10-17",
                },
            )
        ),
        *("ImplicitlyDenied", "Allowed"),
    ),
    Difference(
        "to the oracle, an empty string is a value, and so is an empty list",
        'IAM User Guide, "Condition", The request context: an empty string is null',
        lambda case: (
            any(operator == "Null" for operator, _ in conditions(case))
            and any(value in ("", []) for value in case.context.values())
        ),
        asked(
            context={"aws:PrincipalTag/team": ""},
            identity=(document(Condition={"Null": {"aws:PrincipalTag/team": "true"}}),),
        ),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "to the oracle, several values fail a negated operator that isn't for sets",
        'not documented ("Single-valued vs. multivalued context keys" requires set operators): here '
        "nothing fits them, so that a Deny with it denies",
        never,
        asked(
            context={"aws:TagKeys": ["team", "cost"]},
            identity=(document(Condition={"StringNotEquals": {"aws:TagKeys": "other"}}),),
        ),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "to the oracle, what isn't a number or an ARN fails negated operators",
        'IAM User Guide, "Condition operators": negated operators are true for values that don\'t match',
        never,
        asked(
            context={"aws:SourceArn": "none"},
            identity=(document(Condition={"ArnNotLike": {"aws:SourceArn": "arn:aws:s3:::*"}}),),
        ),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "the oracle has variables in the last part of an ARN only",
        'so says "Variables and tags"; but AWS has one for the account in its own policy '
        "AmazonTimestreamInfluxDBServiceRolePolicy",
        never,
        asked(identity=(document(Resource="arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/alice"),)),
        *("Allowed", "ImplicitlyDenied"),
    ),
    Difference(
        "the oracle takes the service of an ARN in any case",
        'IAM User Guide, "Condition operators", ARN: matching is case-sensitive; of Resource it isn\'t said',
        never,
        asked(identity=(document(Resource=f"arn:aws:DynamoDB:eu-west-1:{ACCOUNT}:table/alice"),)),
        *("ImplicitlyDenied", "Allowed"),
    ),
)
