"""Arguments that a later provider brings, or no review has seen; values of known ones; lasting drift."""

from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import OWN, Case, new, ref, with_

SERVICE, FUNCTION, CLUSTER, TABLE, GROUP, LB, LISTENER, BUCKET = (
    "aws_ecs_service", "aws_lambda_function", "aws_rds_cluster", "aws_dynamodb_table", "aws_lb_target_group",
    "aws_lb", "aws_lb_listener", "aws_s3_bucket",
)  # fmt: skip
SWITCH = (FUNCTION, "switching_switch_")
INSTANCE, SECRET, ROTATION = (
    "aws_rds_cluster_instance",
    "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_rotation",
)
RULE, ALARM = "aws_cloudwatch_event_rule", "aws_cloudwatch_metric_alarm"


def parameter(colour: str, name: str, value: str) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, "aws_rds_cluster_parameter_group", colour)
        document["resource"]["aws_rds_cluster_parameter_group"][label]["parameter"].append(
            {"name": name, "value": value, "apply_method": "immediate"}
        )
        return (f"aws_rds_cluster_parameter_group.{label}",)

    return place


def expiring(**rule: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        type_ = "aws_s3_bucket_lifecycle_configuration"
        label = name_like(document, type_, "")
        document["resource"][type_][label]["rule"][0] |= rule
        return (f"{type_}.{label}",)

    return place


def advanced(document: Document) -> tuple[str, ...]:
    """ECS moves the traffic between both groups by itself."""
    label = name_like(document, SERVICE, "blue")
    (entry,) = document["resource"][SERVICE][label]["load_balancer"]
    entry["advanced_configuration"] = {
        "alternate_target_group_arn": ref(GROUP, "green")(document),
        "production_listener_rule": ref(LISTENER, "https")(document),
        "role_arn": ref("aws_iam_role", "workflow")(document),
    }
    return (f"{SERVICE}.{label}",)


WHO_MOVES = {
    "a deployment by CodeDeploy": with_(SERVICE, "blue", deployment_controller={"type": "CODE_DEPLOY"}),
    "a deployment by another": with_(SERVICE, "green", deployment_controller=[{"type": "EXTERNAL"}]),
    "ECS shifts": with_(SERVICE, "blue", deployment_configuration={"strategy": "BLUE_GREEN"}),
    "ECS shifts a part": with_(SERVICE, "green", deployment_configuration=[{"strategy": "CANARY"}]),
    "ECS has both groups": advanced,
    "a hook calls the switch": with_(
        SERVICE,
        "green",
        deployment_configuration={
            "strategy": "ROLLING",
            "lifecycle_hook": [{"hook_target_arn": ref(*SWITCH), "lifecycle_stages": ["POST_SCALE_UP"]}],
        },
    ),
    "objects call the switch": with_(
        "aws_s3_bucket_notification",
        lambda_function=[{"lambda_function_arn": ref(*SWITCH), "events": ["s3:ObjectCreated:*"]}],
    ),
    "answers call the switch": new(
        "aws_lambda_function_event_invoke_config",
        "k2",
        function_name=ref(FUNCTION, "ledger_move", "function_name"),
        destination_config={"on_success": {"destination": ref(*SWITCH)}},
    ),
}
WAYS_IN = {
    "by VPC Lattice": with_(SERVICE, "green", vpc_lattice_configurations=[{"port_name": "x"}]),
    "by Service Connect": with_(SERVICE, "blue", service_connect_configuration={"enabled": True}),
    "by a registry": with_(SERVICE, "green", service_registries={"registry_arn": "x"}),
    "by the Data API": with_(CLUSTER, "blue", enable_http_endpoint="true"),
    "by a role of the cluster": with_(CLUSTER, "green", iam_roles=[ref("aws_iam_role", "workflow")]),
    "by a directory": with_(CLUSTER, "green", domain="d-0123456789", domain_iam_role_name="x"),
    "by IPv6": with_("aws_vpc", assign_generated_ipv6_cidr_block=True),
    "by a gateway's table": new(
        "aws_route_table_association",
        "k3",
        gateway_id=ref("aws_internet_gateway", "", "id"),
        route_table_id=ref("aws_route_table", "network_database", "id"),
    ),
    "by routes of a VPN": with_("aws_route_table", "network_database", propagating_vgws=["vgw-0a1b2c3d"]),
    "past a firewall that fails": with_(LB, enable_waf_fail_open="1"),
    "by headers of the client": with_(LB, xff_header_processing_mode="preserve"),
    "by any certificate of a client": with_(LISTENER, "https", mutual_authentication={"mode": "passthrough"}),
    "by any origin": with_(
        LISTENER, "https", routing_http_response_access_control_allow_origin_header_value="*"
    ),
    "by grants of the bucket": with_(BUCKET, grant=[{"type": "Group", "permissions": ["READ"]}]),
    "by a website": with_(BUCKET, website={"index_document": "index.html"}),
    "by the default group": with_(
        "aws_default_security_group", ingress=[{"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}]
    ),
}
ELSEWHERE = {
    "a table's copy": with_(TABLE, "sessions", replica=[{"region_name": "us-west-2"}]),
    "a secret's copy": with_(SECRET, "blue-credentials_s", replica=[{"region": "us-west-2"}]),
    "a region of the resource": with_("aws_cloudwatch_log_group", "flow-logs", region="eu-central-1"),
    "an alarm's region": with_(ALARM, "blue_response", region="us-west-2"),
    "a key store's key": with_("aws_kms_key", custom_key_store_id="cks-0123456789abcdef0"),
    "a key of all regions": with_("aws_kms_key", multi_region="true"),
    "an access point's code": with_(
        *SWITCH,
        file_system_config={
            "arn": f"arn:aws:elasticfilesystem:us-east-1:{OWN}:access-point/fsap-0123456789abcdef0",
            "local_mount_path": "/mnt/code",
        },
    ),
    "files in plain text": with_(
        "aws_ecs_task_definition",
        "blue",
        volume=[
            {"name": "tmp"},
            {"name": "f", "efs_volume_configuration": {"file_system_id": "fs-0123456789abcdef0"}},
        ],
    ),
}
LOST = {
    "backups, with the cluster": with_(CLUSTER, "green", delete_automated_backups=True),
    "a table, in a day": with_(
        TABLE, "sessions", point_in_time_recovery={"enabled": True, "recovery_period_in_days": 1}
    ),
    "writes, one a second": with_(TABLE, "control", on_demand_throughput={"max_write_request_units": 1}),
    "instances, by force": with_(INSTANCE, "blue-database_instance-1", force_destroy="1"),
    "logs, after a day": expiring(expiration=[{"days": 1}]),
    "logs, on a date": expiring(expiration=[{"date": "2026-01-01T00:00:00Z"}]),
    "versions of logs": with_("aws_s3_bucket_versioning", versioning_configuration={"status": "Suspended"}),
    "lines that filters see": with_(
        "aws_cloudwatch_log_group", "ledger_watch", log_group_class="INFREQUENT_ACCESS"
    ),
    "payments, at a crash": parameter("blue", "sync_binlog", "0"),
    "files, by statements": parameter("green", "local_infile", "1"),
    "records of a user": parameter("blue", "server_audit_excl_users", "app"),
    "events": with_(RULE, "key-in-danger", state="DISABLED"),
    "events, in the old way": with_(RULE, "roles-changed", is_enabled="false"),
    "events of another bus": with_(RULE, "vault-changed", event_bus_name="other"),
    "alarms, suppressed": with_(
        "aws_cloudwatch_composite_alarm",
        "blue",
        actions_suppressor={"alarm": "maintenance", "wait_period": 600, "extension_period": 86400},
    ),
    "a task, by spot": with_(
        SERVICE, "blue", launch_type=None, capacity_provider_strategy=[{"capacity_provider": "FARGATE_SPOT"}]
    ),
    "all tasks": with_("aws_appautoscaling_target", "green", min_capacity="0"),
}
DRIFT = {
    "of the code": with_(*SWITCH, lifecycle={"ignore_changes": ["filename", "source_code_hash"]}),
    "of a schedule": with_(ROTATION, "green-cred", lifecycle={"ignore_changes": "all"}),
    "of an alarm": with_(ALARM, "switch-errors", lifecycle={"ignore_changes": ["threshold"]}),
    "of a database's way in": with_(
        CLUSTER, "blue", lifecycle={"ignore_changes": ["vpc_security_group_ids"], "prevent_destroy": True}
    ),
    "of a network": with_(SERVICE, "green", lifecycle={"ignore_changes": ["network_configuration"]}),
    "of tags": with_(LB, lifecycle={"ignore_changes": ["tags", "tags_all"]}),
}
GROUPS = {"moves": WHO_MOVES, "way in": WAYS_IN, "elsewhere": ELSEWHERE, "lost": LOST, "drift": DRIFT}
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]
