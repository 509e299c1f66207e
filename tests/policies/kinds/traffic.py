"""Traffic that stays, or moves, without the switch: each clause in three forms."""

from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, allow, new, ref, statements, with_

LISTENER, RULE, GROUP = "aws_lb_listener", "aws_lb_listener_rule", "aws_lb_target_group"
HTTPS = ref(LISTENER, "https", "arn")
BLUE, GREEN = ref(GROUP, "blue"), ref(GROUP, "green")
SWITCH = ref("aws_lambda_function", "switching_switch_", "arn")
NAME = ref("aws_lambda_function", "switching_switch_", "function_name")
ANYONE = [{"path_pattern": [{"values": ["/*"]}]}]


def rule(label: str, action: Any, type_: str = RULE, condition: Any = ANYONE, priority: Any = 5) -> Any:
    return new(
        type_, label, listener_arn=HTTPS, priority=priority, condition=condition, action=action, tags={}
    )


def forward(*entries: Any) -> list[dict[str, Any]]:
    return [{"type": "forward", "forward": {"target_group": list(entries)}}]


def ignored(*paths: str, part: str = "https") -> Any:
    return with_(LISTENER, part, lifecycle={"ignore_changes": list(paths)})


def replaced(type_: str, part: str, *by: str) -> Any:
    return with_(type_, part, lifecycle__replace_triggered_by=list(by))


def weights(part: str, *values: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, LISTENER, part)
        (action,) = document["resource"][LISTENER][name]["default_action"]
        for entry, value in zip(action["forward"]["target_group"], values, strict=True):
            entry["weight"] = value
        return (f"{LISTENER}.{name}",)

    return place


def groups(part: str, *values: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, LISTENER, part)
        (action,) = document["resource"][LISTENER][name]["default_action"]
        for entry, value in zip(action["forward"]["target_group"], values, strict=True):
            entry["arn"] = value(document) if callable(value) else value
        return (f"{LISTENER}.{name}",)

    return place


def data(type_: str, label: str, **arguments: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        found = {key: value(document) if callable(value) else value for key, value in arguments.items()}
        document.setdefault("data", {}).setdefault(type_, {})[label] = found
        return (f"data.{type_}.{label}",)

    return place


def event(label: str, target: str, **arguments: Any) -> Any:
    """A rule of EventBridge, and its target: the finding belongs on the target."""

    def place(document: Document) -> tuple[str, ...]:
        document["resource"]["aws_cloudwatch_event_rule"][label] = {"name": label, "tags": {}, **arguments}
        document["resource"]["aws_cloudwatch_event_target"][target] = {
            "rule": f"${{aws_cloudwatch_event_rule.{label}.name}}",
            "arn": SWITCH(document),
        }
        return (f"aws_cloudwatch_event_target.{target}", f"aws_cloudwatch_event_rule.{label}")

    return place


def load_balancer(part: str, **changes: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_ecs_service", part)
        (entry,) = document["resource"]["aws_ecs_service"][name]["load_balancer"]
        entry |= {key: value(document) if callable(value) else value for key, value in changes.items()}
        return (f"aws_ecs_service.{name}",)

    return place


PINS = [
    Case("every path", rule("p1", [{"type": "forward", "target_group_arn": BLUE}])),
    Case(
        "a header that all send",
        rule(
            "p2",
            forward({"arn": GREEN, "weight": 100}),
            "aws_alb_listener_rule",
            [{"http_header": [{"http_header_name": "Host", "values": ["*"]}]}],
        ),
    ),
    Case(
        "one path of payments",
        rule(
            "p3",
            [{"type": "forward", "target_group_arn": GREEN}],
            RULE,
            [{"path_pattern": [{"values": ["/payments"]}]}],
        ),
    ),
]
KEEPS = [
    Case(
        "weights of its own", rule("w1", forward({"arn": BLUE, "weight": 100}, {"arn": GREEN, "weight": 0}))
    ),
    Case(
        "of one method",
        rule(
            "w2",
            forward({"arn": BLUE, "weight": "50"}, {"arn": GREEN, "weight": "50"}),
            "aws_alb_listener_rule",
            [{"http_request_method": [{"values": ["POST"]}]}],
        ),
    ),
    Case(
        "in a list",
        rule(
            "w3",
            [
                {
                    "type": "forward",
                    "forward": [{"target_group": [{"arn": GREEN, "weight": 1}, {"arn": BLUE, "weight": 99}]}],
                }
            ],
        ),
    ),
]
STOPS = [
    Case(
        "an answer for everyone",
        rule(
            "s1",
            [
                {
                    "type": "fixed-response",
                    "fixed_response": {"content_type": "text/plain", "status_code": "503"},
                }
            ],
        ),
    ),
    Case(
        "a redirect for everyone",
        rule(
            "s2",
            [{"type": "redirect", "redirect": {"host": "www.example.net", "status_code": "HTTP_302"}}],
            "aws_alb_listener_rule",
        ),
    ),
    Case(
        "an answer for every address",
        rule(
            "s3",
            [
                {
                    "type": "fixed-response",
                    "fixed_response": [{"content_type": "text/plain", "status_code": "200"}],
                }
            ],
            RULE,
            [{"source_ip": [{"values": ["0.0.0.0/0"]}]}],
        ),
    ),
]
IGNORED = [
    Case("of the second action", ignored("default_action[1].forward[0].target_group")),
    Case("of the second forward", ignored("default_action[0].forward[1].target_group")),
    Case("of the third", ignored("default_action[2]", part="test")),
]
REPLACED = [
    Case("a listener", replaced(LISTENER, "https", "aws_security_group.x")),
    Case("a service", replaced("aws_ecs_service", "blue", "aws_ecs_task_definition.x.revision")),
    Case("a balancer", replaced("aws_lb", "", "aws_s3_bucket.x.id")),
    Case("a database", replaced("aws_rds_cluster", "green", "aws_kms_key.x.arn")),
    Case("a target group", replaced(GROUP, "green", "aws_vpc.x.id")),
]
NAMES = [
    Case("a time", with_(GROUP, "blue", name='tg-${formatdate("hhmmss", timestamp())}')),
    Case("a random name", with_("aws_lb", "", name="${uuid()}")),
    Case("a prefix with the time", with_(GROUP, "green", name=None, name_prefix="${timestamp()}")),
]
WEIGHTS = [
    Case("a fraction", weights("https", 99.5, 0.5)),
    Case("a negative one", weights("https", 101, -1)),
    Case("too large", weights("test", 1000, -900)),
    Case("a word", weights("https", "all", 0)),
]
TEST = [
    Case("shows blue as https does", weights("test", 100, 0)),
    Case("shows both", weights("test", 50, 50)),
    Case("by strings", weights("test", "100", "0")),
]
ELSEWHERE = [
    Case(
        "a group that is nowhere",
        groups("https", "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/1", GREEN),
    ),
    Case("a group of a data source", groups("https", BLUE, "${data.aws_lb_target_group.other.arn}")),
    Case(
        "a group of another account",
        groups("test", "arn:aws:elasticloadbalancing:us-east-1:999999999999:targetgroup/x/1", GREEN),
    ),
]
CALLS = [
    Case("a data source", data("aws_lambda_invocation", "c1", function_name=NAME, input="{}")),
    Case("a resource", new("aws_lambda_invocation", "c2", function_name=NAME, input="{}")),
    Case("an action", new("aws_cloudformation_custom_resource", "c3", service_token=SWITCH)),
    Case(
        "a schedule",
        new(
            "aws_scheduler_schedule",
            "d1",
            schedule_expression="rate(1 hour)",
            target={"arn": SWITCH, "role_arn": "x"},
        ),
    ),
    Case("a rule by the clock", event("d2", "t2", schedule_expression="rate(1 day)")),
    Case(
        "a permission for a schedule",
        new(
            "aws_lambda_permission",
            "d3",
            action="lambda:InvokeFunction",
            function_name=NAME,
            principal="scheduler.amazonaws.com",
            source_account="123456789012",
        ),
    ),
    Case("an event", event("e1", "t1", event_pattern='{"source": ["aws.health"]}')),
    Case(
        "a queue",
        new(
            "aws_lambda_event_source_mapping",
            "e2",
            function_name=SWITCH,
            event_source_arn=ref("aws_sqs_queue", "switching_switch_"),
        ),
    ),
    Case(
        "a topic",
        new(
            "aws_sns_topic_subscription",
            "e3",
            protocol="lambda",
            endpoint=SWITCH,
            topic_arn=ref("aws_sns_topic", ""),
        ),
    ),
    Case(
        "the logs",
        new(
            "aws_cloudwatch_log_subscription_filter",
            "e4",
            destination_arn=SWITCH,
            name="x",
            log_group_name="x",
            filter_pattern="",
        ),
    ),
    Case(
        "a function's address",
        new("aws_lambda_function_url", "e5", function_name=NAME, authorization_type="AWS_IAM"),
    ),
]
MEMBERS = [
    Case("green's service in blue's group", load_balancer("green", target_group_arn=BLUE)),
    Case("blue's service in green's group", load_balancer("blue", target_group_arn=GREEN)),
    Case(
        "in a second group",
        with_(
            "aws_ecs_service",
            "green",
            load_balancer=[
                {"target_group_arn": GREEN, "container_name": "application", "container_port": 8443},
                {"target_group_arn": BLUE, "container_name": "application", "container_port": 8443},
            ],
        ),
    ),
    Case(
        "an address",
        new("aws_lb_target_group_attachment", "m1", target_group_arn=BLUE, target_id="10.40.0.9"),
    ),
    Case(
        "an address of old",
        new(
            "aws_alb_target_group_attachment", "m2", target_group_arn=GREEN, target_id="10.40.0.9", port=8443
        ),
    ),
    Case(
        "an instance",
        new("aws_autoscaling_attachment", "m3", autoscaling_group_name="x", lb_target_group_arn=BLUE),
    ),
]
MACHINE, ALARM, ROLE = "aws_sfn_state_machine", "aws_cloudwatch_metric_alarm", "aws_iam_role"


def told(part: str, state: str) -> Any:
    """An alarm that calls the switch besides the topic."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, ALARM, part)
        alarm = document["resource"][ALARM][name]
        alarm[state] = [*alarm.get(state, []), ref("aws_lambda_alias", "operate")(document)]
        return (f"{ALARM}.{name}",)

    return place


def starting(label: str, **arguments: Any) -> Any:
    """A rule of EventBridge that starts a shift."""

    def place(document: Document) -> tuple[str, ...]:
        document["resource"]["aws_cloudwatch_event_rule"][label] = {"name": label, "tags": {}, **arguments}
        document["resource"]["aws_cloudwatch_event_target"][label] = {
            "rule": f"${{aws_cloudwatch_event_rule.{label}.name}}",
            "arn": ref(MACHINE)(document),
            "role_arn": ref(ROLE, "workflow")(document),
        }
        return (f"aws_cloudwatch_event_target.{label}", f"aws_cloudwatch_event_rule.{label}")

    return place


def asking(**arguments: Any) -> Any:
    """What an event of the workflow has the switch do."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, "aws_cloudwatch_event_target", "workflow_roll")
        target = document["resource"]["aws_cloudwatch_event_target"][name]
        target.pop("input_transformer")
        target |= arguments
        return (f"aws_cloudwatch_event_target.{name}",)

    return place


def right(type_: str, action: str, resource: Any, **owner: Any) -> Any:
    return new(
        type_,
        "z8",
        name="z8",
        policy=lambda document: statements(allow([action], resource=[resource(document)])),
        **owner,
    )


MODIFY, START = "elasticloadbalancing:ModifyListener", "states:StartExecution"
ASKED = [
    Case("an alarm, an alias", told("green_server-errors", "alarm_actions")),
    Case("an alarm that is over", told("blue_server-errors", "ok_actions")),
    Case("an alarm without data", told("switch-errors", "insufficient_data_actions")),
    Case("a shift by the clock", starting("f7", schedule_expression="rate(1 day)")),
    Case("a shift for an image", starting("f8", event_pattern='{"source": ["aws.ecr"]}')),
    Case("a shift for a deployment", starting("f9", event_pattern='{"source": ["aws.codepipeline"]}')),
    Case("an event that moves", asking(input='{"action": "switch", "target": "green"}')),
    Case(
        "an event that shifts",
        asking(input_transformer={"input_paths": {}, "input_template": '{"action": "begin"}'}),
    ),
    Case("an event that says nothing", asking(input='{"target": "blue"}')),
    Case("a user's right to move", right("aws_iam_user_policy", MODIFY, HTTPS, user="anna")),
    Case("a group's right to move", right("aws_iam_group_policy", MODIFY, HTTPS, group="developers")),
    Case(
        "a function's right to shift",
        right("aws_iam_role_policy", START, ref(MACHINE), role=ref(ROLE, "ledger_watch", "id")),
    ),
]


def own_listener(label: str, port: int, colour: Any, type_: str = LISTENER) -> Any:
    return new(
        type_,
        label,
        load_balancer_arn=ref("aws_lb"),
        port=port,
        protocol="HTTPS",
        certificate_arn=ref(LISTENER, "https", "certificate_arn"),
        ssl_policy="ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        default_action=[{"type": "forward", "target_group_arn": colour}],
        tags={},
    )


BESIDE = [
    Case("a listener of blue", own_listener("l1", 9443, BLUE)),
    Case("a listener of green", own_listener("l2", 8080, GREEN, "aws_alb_listener")),
]

CASES = [
    *ASKED,
    *BESIDE,
    *PINS,
    *KEEPS,
    *STOPS,
    *IGNORED,
    *REPLACED,
    *NAMES,
    *WEIGHTS,
    *TEST,
    *ELSEWHERE,
    *CALLS,
    *MEMBERS,
]
