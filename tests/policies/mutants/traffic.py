"""How traffic is split."""

from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, body, change, name_like, on, remove

LISTENER = "aws_lb_listener"
GROUP = "aws_lb_target_group"


def entries(document: Document, listener: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body(document, LISTENER, listener)["default_action"][0]["forward"][
        "target_group"
    ]
    return found


def weights(listener: str, *values: Any) -> Mutation:
    def mutate(document: Document) -> None:
        for entry, weight in zip(entries(document, listener), values, strict=True):
            entry["weight"] = weight

    return mutate


def alone(*listeners: str) -> Mutation:
    """The second target group is gone from the forward."""

    def mutate(document: Document) -> None:
        for listener in listeners:
            entries(document, listener).pop()

    return mutate


def plain_forward(document: Document) -> None:
    action = {"type": "forward", "target_group_arn": entries(document, "https")[0]["arn"]}
    body(document, LISTENER, "https")["default_action"] = [action]


def same_group_twice(document: Document) -> None:
    for listener in ("https", "_test_"):
        entries(document, listener)[1]["arn"] = entries(document, listener)[0]["arn"]


def rule(**forward: Any) -> Mutation:
    """A rule of the listener that forwards by weight, too."""

    def mutate(document: Document) -> None:
        groups = [{"arn": entry["arn"], "weight": 50} for entry in entries(document, "https")]
        document["resource"]["aws_lb_listener_rule"] = {
            "api": {
                "listener_arn": f"${{{LISTENER}.{name_like(document, LISTENER, 'https')}.arn}}",
                "priority": 10,
                "condition": [{"path_pattern": [{"values": ["/api/*"]}]}],
                "action": [{"type": "forward", "forward": [{"target_group": groups, **forward}]}],
                "lifecycle": {"ignore_changes": ["action[0].forward[0].target_group"]},
            }
        }

    return mutate


def rule_that_moves(document: Document) -> None:
    rule()(document)
    del document["resource"]["aws_lb_listener_rule"]["api"]["lifecycle"]


# The switch is told of a listener that it can't split.
UNSPLIT = also(on("CKV2_BG_27", LISTENER, "https"), on("CKV_BG_233", "aws_lambda_function", "_switch_"))

FORWARD = [
    Mutant(
        "no listeners",
        remove(LISTENER),
        also(on("CKV2_BG_27"), on("CKV_BG_228", "aws_lambda_function", "_switch_")),
    ),
    Mutant(
        "every forward to one target group",
        alone("https", "_test_"),
        also(on("CKV2_BG_27"), on("CKV2_BG_27", LISTENER, "https")),
    ),
    Mutant("production forward to one target group", alone("https"), UNSPLIT),
    Mutant("production forward without weights", plain_forward, UNSPLIT),
    Mutant(
        "the same target group twice",
        same_group_twice,
        also(on("CKV2_BG_27"), on("CKV2_BG_27", LISTENER, "https")),
    ),
]

WEIGHTS = [
    Mutant("both weights zero", weights("https", 0, 0), on("CKV_BG_50", LISTENER, "https")),
    Mutant("weights that sum to 110", weights("_test_", 100, 10), on("CKV_BG_50", LISTENER, "test")),
    Mutant("weights that sum to 99", weights("https", 99, 0), on("CKV_BG_50", LISTENER, "https")),
    Mutant(
        "a weight that is no number",
        weights("https", "most", 0),
        on("CKV_BG_50", LISTENER, "https"),
    ),
    Mutant(
        "sticky forward",
        change(LISTENER, "https", default_action__forward__stickiness={"enabled": True, "duration": 3600}),
        on("CKV_BG_51", LISTENER, "https"),
    ),
    Mutant(
        "sticky rule",
        rule(stickiness=[{"enabled": True, "duration": 600}]),
        also(on("CKV_BG_51", "aws_lb_listener_rule", "api"), on("CKV_BG_406", "aws_lb_listener_rule", "api")),
    ),
    Mutant("no lifecycle", change(LISTENER, "https", lifecycle=None), on("CKV_BG_52", LISTENER, "https")),
    Mutant(
        "ignores something else",
        change(LISTENER, "_test_", lifecycle={"ignore_changes": ["tags"]}),
        on("CKV_BG_52", LISTENER, "test"),
    ),
    Mutant(
        "ignores all",
        change(LISTENER, "https", lifecycle={"ignore_changes": "all"}),
        on("CKV_BG_52", LISTENER, "https"),
    ),
    Mutant(
        "rule whose weights an apply moves",
        rule_that_moves,
        also(on("CKV_BG_52", "aws_lb_listener_rule", "api"), on("CKV_BG_406", "aws_lb_listener_rule", "api")),
    ),
]

HEALTH = [
    *(
        Mutant(
            f"{colour} target group {what}",
            change(GROUP, colour, **arguments),
            on(policy, GROUP, colour),
        )
        for colour, policy in (("blue", "CKV_BG_25"), ("green", "CKV_BG_26"))
        for what, arguments in (
            ("without health check", {"health_check": None}),
            ("with a health check on /", {"health_check__path": "/"}),
            ("with a default path", {"health_check__path": None}),
            ("with its health check off", {"health_check__enabled": False}),
            ("with a health check on a page of the shop", {"health_check__path": "/shop/login"}),
            ("that takes a missing page for healthy", {"health_check__matcher": "200-404"}),
        )
    )
]

TLS = [
    Mutant(
        "plaintext listener",
        change(
            LISTENER,
            "load-balancer_http_",
            default_action=[
                {
                    "type": "fixed-response",
                    "fixed_response": {"content_type": "text/plain", "status_code": "200"},
                }
            ],
        ),
        on("CKV_BG_53", LISTENER, "load-balancer_http_"),
    ),
    Mutant(
        "redirect to plaintext",
        change(LISTENER, "load-balancer_http_", default_action__redirect__protocol="HTTP"),
        on("CKV_BG_53", LISTENER, "load-balancer_http_"),
    ),
    Mutant(
        "old TLS policy",
        change(LISTENER, "_test_", ssl_policy="ELBSecurityPolicy-2016-08"),
        on("CKV_BG_53", LISTENER, "test"),
    ),
    Mutant(
        "TLS policy for old clients",
        change(LISTENER, "https", ssl_policy="ELBSecurityPolicy-TLS13-1-0-2021-06"),
        on("CKV_BG_53", LISTENER, "https"),
    ),
    Mutant(
        "default TLS policy", change(LISTENER, "https", ssl_policy=None), on("CKV_BG_53", LISTENER, "https")
    ),
]

MUTANTS = [*FORWARD, *WEIGHTS, *HEALTH, *TLS]
