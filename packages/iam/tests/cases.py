"""Requests with the policies that apply, in a form that this package and the oracle can both be asked.

The oracle: `@cloud-copilot/iam-simulate`, of the npm registry, under the AGPL: a tool of the tests; nothing
of it is shipped.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iam_evaluation import Caller, Decision, Kind, Policies, Policy, Request, evaluate, parse_policy

Document = dict[str, Any]
# Two ways to write it; of endpoints, the oracle takes the other one only.
_EVERYONE = re.compile(r'\{"AWS": "\*"\}')
ORACLE = Path(__file__).with_name("oracle.mjs")
ALLOW_ALL: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Case:
    """One request. `kind`: of the resource's document."""

    caller: Caller
    action: str
    resource: str
    owner: str
    context: dict[str, Any] = field(default_factory=dict)
    identity: tuple[Document, ...] = ()
    boundary: Document | None = None
    session: Document | None = None
    of_resource: Document | None = None
    kind: Kind = Kind.RESOURCE
    service_control: tuple[tuple[Document, ...], ...] = ()
    resource_control: tuple[Document, ...] = ()
    endpoint: Document | None = None

    @property
    def request(self) -> Request:
        return Request(self.caller, self.action, self.resource, self.context, self.owner)

    @property
    def policies(self) -> Policies:
        return Policies(
            identity=tuple(parsed(one, f"identity {n}") for n, one in enumerate(self.identity)),
            boundary=parsed(self.boundary, "boundary") if self.boundary else None,
            session=(parsed(self.session, "session"),) if self.session else None,
            resource=(parsed(self.of_resource, "resource", self.kind),) if self.of_resource else (),
            endpoint=(parsed(self.endpoint, "endpoint", Kind.RESOURCE),) if self.endpoint else None,
            service_control=tuple(
                tuple(parsed(one, "scp", Kind.SERVICE_CONTROL) for one in level)
                for level in self.service_control
            ),
            resource_control=tuple(
                parsed(one, "rcp", Kind.RESOURCE_CONTROL) for one in self.resource_control
            ),
        )

    def decide(self) -> Decision:
        return evaluate(self.request, self.policies)

    def simulation(self) -> Document:
        """As the oracle wants it, with every condition key that this package derives."""
        context = {**self.caller.keys, "aws:ResourceAccount": self.owner, **self.context}
        found: Document = {
            "request": {
                "principal": self.caller.arn or {"type": "Anonymous"},
                "action": self.action,
                "resource": {"resource": self.resource, "accountId": self.owner},
                "contextVariables": {key: _value(value) for key, value in context.items()},
            },
            "identityPolicies": _named(self.identity),
            "serviceControlPolicies": [
                {"orgIdentifier": f"level {n}", "policies": _named(level)}
                for n, level in enumerate(self.service_control)
            ],
            "resourceControlPolicies": [{"orgIdentifier": "root", "policies": _named(self.resource_control)}],
        }
        if self.boundary:
            found["permissionBoundaryPolicies"] = _named((self.boundary,))
        if self.session:
            found["sessionPolicy"] = self.session
        if self.of_resource:
            found["resourcePolicy"] = self.of_resource
        if self.endpoint:
            found["vpcEndpointPolicies"] = _named(
                (json.loads(_EVERYONE.sub('"*"', json.dumps(self.endpoint))),)
            )
        return found


def parsed(document: Document, name: str, kind: Kind = Kind.IDENTITY) -> Policy:
    """By its text, so that it is parsed once."""
    return parse_policy(json.dumps(document), name=name, kind=kind)


def outcome(decision: Decision) -> str:
    """In the oracle's words."""
    if decision.allowed:
        return "Allowed"
    return "ExplicitlyDenied" if decision.explicit else "ImplicitlyDenied"


def ask_oracle(cases: Sequence[Case], directory: Path) -> list[str]:
    """Its answers, in order, of one process for all."""
    asked, answered = directory / "cases.json", directory / "answers.json"
    asked.write_text(json.dumps([case.simulation() for case in cases]), encoding="utf-8")
    node = shutil.which("node") or "node"
    subprocess.run([node, str(ORACLE), str(asked), str(answered)], check=True, timeout=300)
    answers: list[str] = json.loads(answered.read_text(encoding="utf-8"))
    assert len(answers) == len(cases)
    return answers


def _named(documents: Sequence[Document]) -> list[Document]:
    return [{"name": f"policy {n}", "policy": one} for n, one in enumerate(documents)]


def _value(value: object) -> str | list[str]:
    if isinstance(value, bool):
        return str(value).lower()
    return list(value) if isinstance(value, list | tuple) else str(value)
