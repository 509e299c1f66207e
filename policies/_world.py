"""The closed world: what some policy understands. What is not here is not evaluated (CKV2_BG_260).

A type belongs here once a policy judges it, or once a review has shown that no argument of it opens, stores,
runs or routes anything that a policy forbids.
"""

from collections.abc import Mapping

RESOURCES = frozenset({
    # traffic
    "aws_alb", "aws_alb_listener", "aws_alb_listener_rule", "aws_alb_target_group", "aws_lb",
    "aws_lb_listener", "aws_lb_listener_certificate", "aws_lb_listener_rule", "aws_lb_target_group",
    "aws_wafv2_ip_set", "aws_wafv2_web_acl", "aws_wafv2_web_acl_association",
    "aws_wafv2_web_acl_logging_configuration",
    # network
    "aws_default_route_table", "aws_default_security_group", "aws_default_vpc",
    "aws_ec2_managed_prefix_list", "aws_ec2_managed_prefix_list_entry", "aws_eip", "aws_flow_log",
    "aws_internet_gateway", "aws_main_route_table_association", "aws_nat_gateway",
    "aws_networkfirewall_firewall", "aws_networkfirewall_firewall_policy",
    "aws_networkfirewall_logging_configuration", "aws_networkfirewall_rule_group", "aws_route",
    "aws_route53_resolver_firewall_config", "aws_route53_resolver_firewall_domain_list",
    "aws_route53_resolver_firewall_rule", "aws_route53_resolver_firewall_rule_group",
    "aws_route53_resolver_firewall_rule_group_association",
    "aws_route_table", "aws_route_table_association", "aws_security_group", "aws_security_group_rule",
    "aws_subnet", "aws_vpc", "aws_vpc_endpoint", "aws_vpc_endpoint_route_table_association",
    "aws_vpc_ipv4_cidr_block_association", "aws_vpc_ipv6_cidr_block_association",
    "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule",
    # services and functions
    "aws_appautoscaling_policy", "aws_appautoscaling_scheduled_action", "aws_appautoscaling_target",
    "aws_ecr_lifecycle_policy", "aws_ecr_registry_scanning_configuration",
    "aws_ecr_repository", "aws_ecr_repository_policy", "aws_ecs_cluster",
    "aws_ecs_cluster_capacity_providers", "aws_ecs_service", "aws_ecs_task_definition",
    "aws_lambda_alias", "aws_lambda_function", "aws_lambda_function_event_invoke_config",
    "aws_lambda_function_url", "aws_lambda_permission", "aws_sfn_state_machine",
    # data
    "aws_backup_plan", "aws_backup_selection", "aws_backup_vault", "aws_backup_vault_lock_configuration",
    "aws_backup_vault_notifications", "aws_backup_vault_policy", "aws_db_instance",
    "aws_db_parameter_group", "aws_db_subnet_group", "aws_dynamodb_contributor_insights",
    "aws_dynamodb_table", "aws_ebs_volume",
    "aws_efs_file_system", "aws_efs_mount_target", "aws_elasticache_replication_group",
    "aws_kinesis_stream", "aws_rds_cluster",
    "aws_rds_cluster_instance", "aws_rds_cluster_parameter_group", "aws_s3_account_public_access_block",
    "aws_s3_bucket", "aws_s3_bucket_acl",
    "aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_logging", "aws_s3_bucket_notification",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_ownership_controls", "aws_s3_bucket_policy", "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration", "aws_s3_bucket_versioning", "aws_sqs_queue",
    "aws_sqs_queue_policy", "aws_sqs_queue_redrive_allow_policy", "aws_sqs_queue_redrive_policy",
    "aws_ssm_parameter",
    # keys, secrets, permissions
    "aws_iam_access_key", "aws_iam_group_policy", "aws_iam_group_policy_attachment", "aws_iam_policy",
    "aws_iam_policy_attachment", "aws_iam_role", "aws_iam_role_policy", "aws_iam_role_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive", "aws_iam_user_policy", "aws_iam_user_policy_attachment",
    "aws_kms_alias", "aws_kms_external_key", "aws_kms_key", "aws_kms_key_policy",
    "aws_kms_replica_external_key", "aws_kms_replica_key", "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_policy", "aws_secretsmanager_secret_rotation",
    "aws_secretsmanager_secret_version", "aws_serverlessapplicationrepository_cloudformation_stack",
    "random_password",
    # observability
    "aws_cloudtrail", "aws_cloudwatch_composite_alarm", "aws_cloudwatch_dashboard",
    "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target", "aws_cloudwatch_log_group",
    "aws_cloudwatch_log_metric_filter", "aws_cloudwatch_log_resource_policy",
    "aws_cloudwatch_metric_alarm", "aws_sns_topic", "aws_sns_topic_policy",
})  # fmt: skip

# They read what AWS says of the account, or what the stack says of itself. None runs a program, calls a
# function or asks a foreign server. Those of secrets are findings of CKV2_BG_121.
DATA = frozenset({
    "archive_file", "aws_availability_zones", "aws_caller_identity", "aws_cloudwatch_log_group",
    "aws_db_cluster_snapshot", "aws_ec2_managed_prefix_list", "aws_ecr_image", "aws_ecr_repository",
    "aws_iam_policy", "aws_iam_policy_document", "aws_iam_role", "aws_kms_alias", "aws_kms_key", "aws_lb",
    "aws_lb_listener", "aws_lb_target_group", "aws_partition", "aws_prefix_list",
    "aws_rds_engine_version", "aws_rds_orderable_db_instance", "aws_region", "aws_route53_zone",
    "aws_route_table", "aws_s3_bucket", "aws_secretsmanager_random_password", "aws_secretsmanager_secret",
    "aws_secretsmanager_secret_version", "aws_secretsmanager_secret_versions", "aws_security_group",
    "aws_service_principal", "aws_sns_topic", "aws_ssm_parameter", "aws_subnet", "aws_subnets", "aws_vpc",
    "aws_vpc_endpoint_service",
})  # fmt: skip

# Nothing of them is in plan or state. Source: Terraform documentation, "Ephemeral values".
EPHEMERAL = frozenset(
    {
        "aws_kms_secrets",
        "aws_secretsmanager_random_password",
        "aws_secretsmanager_secret_version",
        "aws_ssm_parameter",
        "random_password",
    }
)

# Providers whose types are above. Source: Terraform documentation, "Provider requirements".
SOURCES = frozenset({"hashicorp/archive", "hashicorp/aws", "hashicorp/random"})
REGISTRY = "registry.terraform.io/"
BACKENDS = frozenset({"local", "s3"})

# What blocks of Terraform's own kinds may hold.
META: Mapping[str, frozenset[str]] = {
    kind: frozenset(names)
    for kind, names in {
        "check": {"assert", "data"},
        "import": {"id", "identity", "provider", "to"},
        "moved": {"from", "to"},
        "output": {"depends_on", "description", "ephemeral", "precondition", "sensitive", "type", "value"},
        "removed": {"from", "lifecycle"},
        "terraform": {"backend", "required_providers", "required_version"},
        "variable": {
            "default",
            "deprecated",
            "description",
            "ephemeral",
            "nullable",
            "sensitive",
            "type",
            "validation",
        },
    }.items()
}
# Terraform's own names in every resource; they do more than the type's arguments say.
RESERVED = frozenset({"connection", "provisioner"})
LIFECYCLE = frozenset(
    {
        "create_before_destroy",
        "destroy",
        "ignore_changes",
        "postcondition",
        "precondition",
        "prevent_destroy",
        "replace_triggered_by",
    }
)
