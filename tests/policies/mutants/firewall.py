"""The web application firewall."""

from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, body, change, on, remove

ACL = "aws_wafv2_web_acl"
ASSOCIATION = "aws_wafv2_web_acl_association"
LOGGING = "aws_wafv2_web_acl_logging_configuration"


def rule(document: Document, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(r for r in body(document, ACL)["rule"] if r["name"] == name)
    return found


def counting(name: str) -> Mutation:
    """The rule lets everything pass."""

    def mutate(document: Document) -> None:
        found = rule(document, name)
        found["override_action" if "override_action" in found else "action"] = {"count": {}}

    return mutate


def without(name: str) -> Mutation:
    def mutate(document: Document) -> None:
        body(document, ACL)["rule"].remove(rule(document, name))

    return mutate


def showing(header: str) -> Mutation:
    """The log has the header in it."""

    def mutate(document: Document) -> None:
        fields = body(document, LOGGING)["redacted_fields"]
        fields.remove({"single_header": {"name": header}})

    return mutate


def sampling(document: Document) -> None:
    rule(document, "common")["visibility_config"]["sampled_requests_enabled"] = True


ATTACKS = on("CKV_BG_271", ACL)

MUTANTS = [
    Mutant("load balancer without web ACL", remove(ASSOCIATION), on("CKV_BG_270", "aws_lb")),
    Mutant(
        "web ACL in front of something else",
        change(ASSOCIATION, resource_arn="arn:aws:apigateway:us-east-1::/restapis/a/stages/b"),
        on("CKV_BG_270", "aws_lb"),
    ),
    Mutant(
        "load balancer without any firewall",
        lambda document: [remove(type_)(document) for type_ in (ACL, ASSOCIATION, LOGGING)],
        on("CKV_BG_270", "aws_lb"),
    ),
    *(Mutant(f"firewall that counts {name}", counting(name), ATTACKS) for name in ("common", "rate")),
    *(Mutant(f"firewall without {name}", without(name), ATTACKS) for name in ("sql-injection", "rate")),
    Mutant("firewall without logs", remove(LOGGING), on("CKV_BG_272", ACL)),
    Mutant("firewall whose logs show cookies", showing("cookie"), on("CKV_BG_273", LOGGING)),
    Mutant(
        "firewall whose logs show everything",
        change(LOGGING, redacted_fields=None),
        on("CKV_BG_273", LOGGING),
    ),
    Mutant(
        "firewall that samples requests",
        change(ACL, visibility_config__sampled_requests_enabled=True),
        on("CKV_BG_273", ACL),
    ),
    Mutant("firewall one of whose rules samples requests", sampling, on("CKV_BG_273", ACL)),
]
