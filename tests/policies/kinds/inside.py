"""Within the account: ways out, the other colour, rights over guards, shells, detours, a blind firewall."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import OWN, Case, added, allow, data, new, ref, several, statements, with_

EGRESS, INGRESS, GROUP = (
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_security_group",
)
APP_BLUE, APP_GREEN = ref(GROUP, "blue_security", "id"), ref(GROUP, "green_security", "id")
DB_BLUE, DB_GREEN = ref(GROUP, "blue-database", "id"), ref(GROUP, "green-database", "id")
TASK, SERVICE, ROLE, POLICY = (
    "aws_ecs_task_definition",
    "aws_ecs_service",
    "aws_iam_role",
    "aws_iam_role_policy",
)
SECRET = "aws_secretsmanager_secret"
Place = Callable[[Document], tuple[str, ...]]


def out(label: str, group: Any, **to: Any) -> Place:
    whole = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "description": "out"} | to
    return new(EGRESS, label, security_group_id=group, **whole)


def container(part: str, **arguments: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, TASK, part)
        body = document["resource"][TASK][name]
        found = json.loads(body["container_definitions"])
        for key, value in arguments.items():
            given = value(document) if callable(value) else value
            found[0][key] = found[0].get(key, []) + given if key in ("secrets", "environment") else given
        body["container_definitions"] = json.dumps(found)
        return (f"{TASK}.{name}",)

    return place


def role_policy(label: str, role: str, *found: dict[str, Any]) -> Place:
    return new(
        POLICY,
        label,
        role=ref(ROLE, role, "id"),
        policy=lambda document: statements(
            *(
                {
                    key: [item(document) if callable(item) else item for item in value]
                    if isinstance(value, list)
                    else value
                    for key, value in one.items()
                }
                for one in found
            )
        ),
    )


def attached(label: str, role: str, *found: dict[str, Any]) -> Place:
    """By a managed policy: one of policy and attachment is named."""

    def place(document: Document) -> tuple[str, ...]:
        first = new(
            "aws_iam_policy",
            label,
            name="p",
            tags={},
            policy=lambda document: statements(
                *(
                    {
                        key: [item(document) if callable(item) else item for item in value]
                        if isinstance(value, list)
                        else value
                        for key, value in one.items()
                    }
                    for one in found
                )
            ),
        )(document)
        return first + new(
            "aws_iam_role_policy_attachment",
            label,
            role=ref(ROLE, role, "name"),
            policy_arn=f"${{aws_iam_policy.{label}.arn}}",
        )(document)

    return place


WAYS_OUT = {
    "application, everywhere": out("w", APP_BLUE, cidr_ipv4="0.0.0.0/0"),
    "application, everywhere by IPv6": out("w", APP_GREEN, cidr_ipv6="::/0"),
    "application, half of it": out("w", APP_GREEN, cidr_ipv4="128.0.0.0/1"),
    "application, a wide network": out("w", APP_BLUE, cidr_ipv4="198.51.0.0/16"),
    "application, every port": out(
        "w", APP_BLUE, cidr_ipv4="198.51.100.0/24", ip_protocol="-1", from_port=None
    ),
    "application, many ports": out("w", APP_BLUE, cidr_ipv4="198.51.100.7/32", from_port=1, to_port=65535),
    "application, without saying why": out("w", APP_BLUE, cidr_ipv4="198.51.100.7/32", description=None),
    "application, in its group": with_(
        GROUP,
        "blue_security",
        egress=[
            {
                "from_port": 0,
                "to_port": 0,
                "protocol": "-1",
                "cidr_blocks": ["0.0.0.0/0"],
                "description": "out",
            }
        ],
    ),
    "application, by the older rule": new(
        "aws_security_group_rule",
        "w",
        type="egress",
        protocol="tcp",
        from_port=443,
        to_port=443,
        security_group_id=APP_GREEN,
        cidr_blocks=["10.0.0.0/8", "64.0.0.0/2"],
    ),
    "application, by a list of its own": several(
        out("w", APP_GREEN, prefix_list_id="${aws_ec2_managed_prefix_list.l.id}"),
        new(
            "aws_ec2_managed_prefix_list",
            "l",
            name="l",
            address_family="IPv4",
            max_entries=2,
            tags={},
            entry=[{"cidr": "0.0.0.0/1"}, {"cidr": "128.0.0.0/1"}],
        ),
    ),
    "application, by another network's range": data(
        "aws_subnet", "far", out("w", APP_BLUE, cidr_ipv4="${data.aws_subnet.far.cidr_block}"), id="subnet-1"
    ),
    "function, one address": out("w", ref(GROUP, "switching_switch", "id"), cidr_ipv4="203.0.113.7/32"),
    "function, one network": out("w", ref(GROUP, "blue-credentials_rot", "id"), cidr_ipv4="198.51.100.0/24"),
    "function, by IPv6": out("w", ref(GROUP, "ledger_move", "id"), cidr_ipv6="2001:db8::/56"),
    "database, everywhere": out("w", DB_BLUE, cidr_ipv4="0.0.0.0/0"),
    "database, one address": out("w", DB_GREEN, cidr_ipv4="203.0.113.9/32"),
    "database, in its group": with_(
        GROUP,
        "green-database",
        egress={"from_port": 443, "to_port": 443, "protocol": "tcp", "ipv6_cidr_blocks": ["2000::/3"]},
    ),
}

COLOURS = {
    "database, a rule": new(
        INGRESS,
        "r9",
        security_group_id=DB_GREEN,
        referenced_security_group_id=APP_BLUE,
        ip_protocol="tcp",
        from_port=3306,
        to_port=3306,
        description="to the database",
    ),
    "database, the older rule": new(
        "aws_security_group_rule",
        "r9",
        type="ingress",
        security_group_id=DB_BLUE,
        protocol="tcp",
        source_security_group_id=APP_GREEN,
        from_port=3306,
        to_port=3306,
    ),
    "database, the way to it": out(
        "r9", APP_BLUE, referenced_security_group_id=DB_GREEN, from_port=3306, to_port=3306
    ),
    "database, the host": container(
        "blue",
        environment=lambda document: [
            {"name": "PEER", "value": ref("aws_rds_cluster", "green", "endpoint")(document)}
        ],
    ),
    "database, the group": with_("aws_rds_cluster", "green", vpc_security_group_ids=[DB_BLUE]),
    "database, the service in its group": with_(
        SERVICE, "blue", network_configuration__security_groups=[APP_BLUE, DB_GREEN]
    ),
    "secret, injected": container(
        "green",
        secrets=lambda document: [
            {"name": "PEER", "valueFrom": f"{ref(SECRET, 'blue-credentials')(document)}:password::"}
        ],
    ),
    "secret, a right": role_policy(
        "s1",
        "blue_role",
        allow(["secretsmanager:GetSecretValue"], resource=[ref(SECRET, "green-credentials")]),
    ),
    "secret, a right attached": attached(
        "s1",
        "green_role",
        allow(["secretsmanager:GetSecretValue"], resource=[ref(SECRET, "blue-credentials")]),
    ),
    "secret, its policy": added(
        "aws_secretsmanager_secret_policy",
        "green-credentials",
        "policy",
        {
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": "*",
            "Principal": {"AWS": ref(ROLE, "blue_role")},
        },
    ),
    "secret, by its name": role_policy(
        "s1",
        "blue_role",
        allow(
            ["secretsmanager:GetSecretValue"],
            resource=[
                f"arn:aws:secretsmanager:us-east-1:{OWN}:secret:payments-local-green-credentials-??????"
            ],
        ),
    ),
    "role, of the task": with_(TASK, "blue", task_role_arn=ref(ROLE, "green_role")),
    "role, of the start": with_(TASK, "green", execution_role_arn=ref(ROLE, "blue_execution")),
    "role, assumed": added(
        ROLE,
        "green_role",
        "assume_role_policy",
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ref(ROLE, "blue_role")}},
    ),
    "tasks of the other": with_(SERVICE, "green", task_definition=ref(TASK, "blue")),
}


def without_ledger(place: Place) -> Place:
    """Without filters, channels and functions of the ledger: neither colour needs anything of the other."""

    def broken(document: Document) -> tuple[str, ...]:
        resources = document["resource"]
        for body in resources["aws_rds_cluster_parameter_group"].values():
            body["parameter"] = [one for one in body["parameter"] if not one["name"].startswith("replicate")]
        for type_ in (INGRESS, EGRESS):
            resources[type_] = {
                name: body for name, body in resources[type_].items() if not _joins_databases(body)
            }
        functions = resources["aws_lambda_function"]
        resources["aws_lambda_function"] = {
            name: body for name, body in functions.items() if not name.startswith("ledger_")
        }
        return place(document)

    return broken


def _joins_databases(body: dict[str, Any]) -> bool:
    return all(
        "-database_" in str(body.get(name)) for name in ("security_group_id", "referenced_security_group_id")
    )


LEDGER = ("database, a rule", "database, the older rule", "database, the way to it", "database, the host")
COLOURS |= {
    name: without_ledger(COLOURS[name]) for name in COLOURS if name in LEDGER or name.startswith("secret")
}

LISTENER, FUNCTION = ref("aws_lb_listener", "https"), ref("aws_lambda_function", "switching_switch")
GUARDS: dict[str, dict[str, Any]] = {
    "listener, its weights": allow(["elasticloadbalancing:ModifyListener"], resource=[LISTENER]),
    "listener, its rules": allow(["elasticloadbalancing:CreateRule"], resource=[LISTENER]),
    "listener, its targets": allow(
        ["elasticloadbalancing:RegisterTargets"], resource=[ref("aws_lb_target_group", "green")]
    ),
    "function, called": allow(["lambda:InvokeFunction"], resource=[FUNCTION]),
    "function, its code": allow(["lambda:UpdateFunctionCode"], resource=[FUNCTION]),
    "function, its environment": allow(["lambda:UpdateFunctionConfiguration"], resource=[FUNCTION]),
    "roles, a policy": allow(["iam:PutRolePolicy"], resource=[ref(ROLE, "switching_switch")]),
    "roles, passed": allow(["iam:PassRole"], resource=[ref(ROLE, "backup")]),
    "roles, assumed": allow(["sts:AssumeRole"], resource=[ref(ROLE, "switching_switch")]),
    "records, written": allow(["ssm:PutParameter"], resource=[ref("aws_ssm_parameter", "active")]),
    "records, deleted": allow(["ssm:DeleteParameters"], resource=[ref("aws_ssm_parameter", "migration")]),
    "records, of the lock": allow(["dynamodb:UpdateItem"], resource=[ref("aws_dynamodb_table", "control")]),
    "backups, deleted": allow(
        ["backup:DeleteRecoveryPoint"], resource=[f"arn:aws:backup:us-east-1:{OWN}:recovery-point:1"]
    ),
    "backups, snapshots": allow(
        ["rds:DeleteDBClusterSnapshot"], resource=[f"arn:aws:rds:us-east-1:{OWN}:cluster-snapshot:a"]
    ),
    "backups, of the table": allow(
        ["dynamodb:UpdateContinuousBackups"], resource=[ref("aws_dynamodb_table", "sessions")]
    ),
    "keys, disabled": allow(["kms:DisableKey"], resource=[ref("aws_kms_key")]),
    "keys, deleted": allow(["kms:ScheduleKeyDeletion"], resource=[ref("aws_kms_key")]),
    "keys, granted": allow(["kms:CreateGrant"], resource=[ref("aws_kms_key")]),
}
RIGHTS: dict[str, Place] = {}
for _number, (_name, _statement) in enumerate(GUARDS.items()):
    _role = ("blue_role", "green_role", "blue_execution")[_number % 3]
    _how = attached if _number % 2 else role_policy
    RIGHTS[f"right over {_name}"] = _how(f"g{_number}", _role, _statement)

CONTAINERS = {
    "a server of names": container("blue", dnsServers=["8.8.8.8"]),
    "an address of a name": container(
        "green", extraHosts=[{"hostname": "sts.us-east-1.amazonaws.com", "ipAddress": "10.0.0.5"}]
    ),
    "settings of the kernel": container("blue", systemControls=[{"namespace": "x", "value": "1"}]),
    "the loader's": container("green", environment=[{"name": "LD_PRELOAD", "value": "/opt/x.so"}]),
    "another server": container("blue", environment=[{"name": "AWS_ENDPOINT_URL", "value": "http://x"}]),
    "a proxy": container("green", environment=[{"name": "https_proxy", "value": "http://10.0.0.5"}]),
    "certificates": container("blue", environment=[{"name": "PYTHONHTTPSVERIFY", "value": "0"}]),
    "certificates of Node.js": container(
        "green", environment=[{"name": "NODE_TLS_REJECT_UNAUTHORIZED", "value": "0"}]
    ),
    "certificates that a task can write": container(
        "blue",
        environment=[{"name": "SSL_CERT_FILE", "value": "/tmp/ca.pem"}],  # noqa: S108 - of a task
    ),
    "modules that a task can write": container(
        "green", environment=[{"name": "PYTHONPATH", "value": "/app:/tmp/x"}]
    ),
    "an agent of Java": container(
        "blue", environment=[{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g -javaagent:/app/x.jar"}]
    ),
    "a command of Java": container(
        "green", environment=[{"name": "_JAVA_OPTIONS", "value": "-XX:OnOutOfMemoryError=/app/x"}]
    ),
    "a module of Node.js": container(
        "blue", environment=[{"name": "NODE_OPTIONS", "value": "--max-old-space-size=900 --require=/app/x"}]
    ),
    "a log elsewhere": container("green", logConfiguration={"logDriver": "splunk", "options": {}}),
    "a log of another region": container(
        "blue",
        logConfiguration={
            "logDriver": "awslogs",
            "options": {"awslogs-group": "x", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "x"},
        },
    ),
    "no log": container("green", logConfiguration=None),
}


def trusted(part: str, **principal: str) -> Place:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return added(ROLE, part, "assume_role_policy", statement)


TRUSTED = {
    "instances": trusted("green_role", Service="ec2.amazonaws.com"),
    "certificates": trusted("blue_role", Service="rolesanywhere.amazonaws.com"),
    "the account": trusted("workflow", AWS=f"arn:aws:iam::{OWN}:root"),
    "backups": with_("aws_flow_log", iam_role_arn=ref(ROLE, "backup_role")),
}
CHANGED = {
    "code": role_policy(
        "c1",
        "workflow",
        allow(["lambda:UpdateFunctionCode"], resource=[ref("aws_lambda_function", "switching_switch")]),
    ),
    "rules": role_policy(
        "c2",
        "backup_role",
        allow(["elasticloadbalancing:CreateRule"], resource=[ref("aws_lb_listener", "https")]),
    ),
    "alias": role_policy(
        "c3", "ledger_watch", allow(["lambda:UpdateAlias"], resource=[ref("aws_lambda_alias", "operate")])
    ),
}

SHELLS = {
    "exec": with_(SERVICE, "blue", enable_execute_command=True),
    "exec, as text": with_(SERVICE, "green", enable_execute_command="1"),
    "the channel of exec": role_policy("x", "green_role", allow(["ssmmessages:OpenControlChannel"])),
    "a shell that starts it": container("blue", entryPoint=["/bin/sh", "-c"], command=["/app/serve"]),
    "a terminal": container("green", interactive=True, pseudoTerminal=True),
    "a shell as the command": container("green", command=["bash"]),
}


def redirecting(part: str, **redirect: Any) -> Place:
    return with_(
        "aws_lb_listener",
        part,
        default_action=[
            {
                "order": 1,
                "type": "redirect",
                "redirect": {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"} | redirect,
            }
        ],
    )


REDIRECTS = {
    "to a host": redirecting("http_", host="pay.example.net"),
    "to a host with ours in it": redirecting("http_", host="#{host}.example.net"),
    "by a rule": new(
        "aws_lb_listener_rule",
        "d",
        listener_arn=LISTENER,
        priority=7,
        tags={},
        condition={"path_pattern": {"values": ["/pay*"]}},
        action=[{"type": "redirect", "redirect": {"host": "203.0.113.7", "status_code": "HTTP_302"}}],
    ),
    "by the firewall": with_(
        "aws_wafv2_web_acl",
        default_action={
            "block": {
                "custom_response": {
                    "response_code": 302,
                    "response_header": [{"name": "Location", "value": "https://pay.example.net"}],
                }
            }
        },
    ),
}

MACHINE = "aws_sfn_state_machine"


def machine(edit: Callable[[dict[str, Any]], Any]) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, MACHINE, "")
        definition = json.loads(document["resource"][MACHINE][name]["definition"])
        document["resource"][MACHINE][name]["definition"] = json.dumps(edit(definition) or definition)
        return (f"{MACHINE}.{name}",)

    return place


def _asks_nothing(definition: dict[str, Any]) -> None:
    del definition["States"]["SeeLedger"]["Parameters"]["Payload"]["action"]


def _ends(definition: dict[str, Any]) -> None:
    definition["StartAt"] = "Nothing"
    definition["States"]["Nothing"] = {"Type": "Succeed"}


def _passes(definition: dict[str, Any]) -> None:
    for name, state in definition["States"].items():
        if state["Type"] == "Task":
            definition["States"][name] = {"Type": "Pass"} | (
                {"Next": state["Next"]} if "Next" in state else {"End": True}
            )


def _only(_: dict[str, Any]) -> dict[str, Any]:
    return {
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "Seconds": 5, "Next": "Done"}, "Done": {"Type": "Succeed"}},
    }


def _no_catch(definition: dict[str, Any]) -> None:
    definition["States"]["Shift"].pop("Catch", None)


def _catch_to_the_end(definition: dict[str, Any]) -> None:
    definition["States"]["Given"] = {"Type": "Fail"}
    for state in definition["States"].values():
        for catch in state.get("Catch", []):
            catch["Next"] = "Given"


def _rollback_passes(definition: dict[str, Any]) -> None:
    for name, state in definition["States"].items():
        if state.get("Parameters", {}).get("Payload", {}).get("action") == "rollback":
            definition["States"][name] = {"Type": "Pass", "End": True}


def _another_function(definition: dict[str, Any]) -> None:
    for state in definition["States"].values():
        if state["Type"] == "Task":
            state["Parameters"]["FunctionName"] = f"arn:aws:lambda:us-east-1:{OWN}:function:noop"


def _one_step(definition: dict[str, Any]) -> dict[str, Any]:
    task = definition["States"]["Shift"] | {"End": True, "Catch": []}
    task.pop("Next", None)
    return {"StartAt": "Go", "States": {"Go": task}}


MACHINES = {
    "nothing at all": machine(_ends),
    "nothing asked of the ledger": machine(_asks_nothing),
    "nothing but passing": machine(_passes),
    "nothing but waiting": machine(_only),
    "nothing of the switch": machine(_another_function),
    "no way back, no catch": machine(_no_catch),
    "no way back, it fails": machine(_catch_to_the_end),
    "no way back, it passes": machine(_rollback_passes),
    "no way back, one step": machine(_one_step),
}

ACL = "aws_wafv2_web_acl"


def rules(edit: Callable[[dict[str, Any]], Any], *names: str) -> Place:
    """Edits rules by what they do: their names in the stack."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, ACL, "")
        for rule in document["resource"][ACL][name]["rule"]:
            if rule["name"] in names:
                edit(rule)
        return (f"{ACL}.{name}",)

    return place


def managed(**arguments: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda rule: rule["statement"]["managed_rule_group_statement"].update(arguments)


def rate(**arguments: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda rule: rule["statement"]["rate_based_statement"].update(arguments)


def first(**rule: Any) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, ACL, "")
        found = document["resource"][ACL][name]["rule"]
        for one in found:
            one["priority"] += 10
        found.append(
            {"name": "first", "priority": 1, "visibility_config": found[0]["visibility_config"], **rule}
        )
        return (f"{ACL}.{name}",)

    return place


NARROW = {
    "byte_match_statement": {
        "positional_constraint": "EXACTLY",
        "search_string": "/never",
        "field_to_match": {"uri_path": {}},
        "text_transformation": [{"priority": 0, "type": "NONE"}],
    }
}
ANY = {
    "size_constraint_statement": {
        "comparison_operator": "GE",
        "size": 0,
        "field_to_match": {"uri_path": {}},
        "text_transformation": [{"priority": 0, "type": "NONE"}],
    }
}
LOGGING = "aws_wafv2_web_acl_logging_configuration"


def logged(default: str, *filters: dict[str, Any]) -> Place:
    return with_(LOGGING, logging_filter={"default_behavior": default, "filter": list(filters)})


BLOCKED = {"action_condition": {"action": "BLOCK"}}
FIREWALL = {
    "scoped down, a group": rules(managed(scope_down_statement=NARROW), "sql-injection"),
    "scoped down, in a list": rules(
        managed(scope_down_statement=[{"not_statement": {"statement": ANY}}]), "common"
    ),
    "scoped down, the limit": rules(rate(scope_down_statement=NARROW), "rate"),
    "overridden, one rule": rules(
        managed(rule_action_override=[{"name": "SQLi_BODY", "action_to_use": {"count": {}}}]), "sql-injection"
    ),
    "overridden, as an object": rules(
        managed(rule_action_override={"name": "NoUserAgent_HEADER", "action_to_use": {"allow": {}}}), "common"
    ),
    "overridden, in the old way": rules(
        managed(excluded_rule=[{"name": "Log4JRCE_BODY"}]), "known-bad-inputs"
    ),
    "limit out of reach": rules(rate(limit=2_000_000_000), "rate"),
    "limit out of reach, as text": rules(rate(limit="20000000", evaluation_window_sec=60), "rate"),
    "limit by a key of the client's own": rules(
        rate(aggregate_key_type="CUSTOM_KEYS", custom_key=[{"header": {"name": "x-request-id"}}]), "rate"
    ),
    "limit by a header": rules(
        rate(
            aggregate_key_type="FORWARDED_IP",
            forwarded_ip_config={"header_name": "X-Forwarded-For", "fallback_behavior": "NO_MATCH"},
        ),
        "rate",
    ),
    "first rule, everybody": first(action={"allow": {}}, statement=ANY),
    "first rule, all but one path": first(
        action=[{"allow": [{}]}], statement={"not_statement": {"statement": NARROW}}
    ),
    "first rule, a country": first(
        action={"allow": {}}, statement={"geo_match_statement": {"country_codes": ["US"]}}
    ),
    "log without what was blocked": logged(
        "KEEP", {"behavior": "DROP", "requirement": "MEETS_ANY", "condition": [BLOCKED]}
    ),
    "log of what was let pass": logged(
        "DROP",
        {
            "behavior": "KEEP",
            "requirement": "MEETS_ALL",
            "condition": [{"action_condition": {"action": "ALLOW"}}],
        },
    ),
    "log of little, as lists": with_(
        LOGGING,
        logging_filter=[
            {
                "default_behavior": "DROP",
                "filter": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ALL",
                        "condition": [BLOCKED, {"label_name_condition": {"label_name": "awswaf:x:rare"}}],
                    }
                ],
            }
        ],
    ),
}

GROUPS = {
    "way out": WAYS_OUT,
    "colours": COLOURS,
    "": RIGHTS,
    "container": CONTAINERS,
    "trusted": TRUSTED,
    "changed": CHANGED,
    "shell": SHELLS,
    "redirect": REDIRECTS,
    "state machine": MACHINES,
    "firewall": FIREWALL,
}
CASES = [
    Case(f"{group}: {name}" if group else name, place)
    for group, places in GROUPS.items()
    for name, place in places.items()
]
