"""What must not happen to which type of resource. Data: the rules that read it are in `judge`."""

from collections.abc import Mapping

ANY = "*"
TAGS = frozenset({"tags", "tags_all"})
# What only people read.
DESCRIPTIVE = TAGS | {"alarm_description", "description"}

# They hold what can't be made again: data, keys, secrets, messages, audit trails, the record of who serves.
STATEFUL = frozenset(
    {
        "aws_backup_vault", "aws_cloudtrail_event_data_store", "aws_cloudwatch_log_group",
        "aws_cognito_user_pool", "aws_db_cluster_snapshot", "aws_db_instance", "aws_db_snapshot",
        "aws_docdb_cluster", "aws_docdb_cluster_instance", "aws_docdb_global_cluster",
        "aws_dynamodb_global_table", "aws_dynamodb_table", "aws_dynamodb_table_replica",
        "aws_ebs_snapshot", "aws_ebs_volume", "aws_ecr_repository", "aws_efs_file_system",
        "aws_elasticache_cluster", "aws_elasticache_global_replication_group",
        "aws_elasticache_replication_group", "aws_elasticsearch_domain",
        "aws_fsx_lustre_file_system", "aws_fsx_ontap_file_system", "aws_fsx_openzfs_file_system",
        "aws_fsx_windows_file_system", "aws_glacier_vault", "aws_keyspaces_table",
        "aws_kinesis_stream", "aws_kms_external_key", "aws_kms_key", "aws_kms_replica_external_key",
        "aws_kms_replica_key", "aws_memorydb_cluster", "aws_mq_broker", "aws_msk_cluster",
        "aws_msk_serverless_cluster", "aws_neptune_cluster", "aws_neptune_cluster_instance",
        "aws_opensearch_domain", "aws_opensearchserverless_collection", "aws_qldb_ledger",
        "aws_rds_cluster", "aws_rds_cluster_instance", "aws_rds_cluster_snapshot_copy",
        "aws_rds_global_cluster", "aws_redshift_cluster", "aws_redshiftserverless_namespace",
        "aws_s3_bucket", "aws_s3_directory_bucket", "aws_secretsmanager_secret",
        "aws_secretsmanager_secret_version", "aws_sqs_queue", "aws_ssm_parameter",
        "aws_timestreamwrite_table",
    }
)  # fmt: skip

# What a database is made of: a change of it can interrupt whoever writes there.
DATABASES = frozenset(
    {
        "aws_db_instance", "aws_db_parameter_group", "aws_db_subnet_group", "aws_rds_cluster",
        "aws_rds_cluster_instance", "aws_rds_cluster_parameter_group", "aws_rds_global_cluster",
    }
)  # fmt: skip

_RULES = ("cidr_ipv4", "cidr_ipv6", "cidr_blocks", "ipv6_cidr_blocks", "from_port", "to_port", "ip_protocol",
          "protocol", "prefix_list_id", "prefix_list_ids", "referenced_security_group_id", "self",
          "source_security_group_id", "security_group_id", "type")  # fmt: skip
_LOAD_BALANCER = (
    "enable_deletion_protection",
    "ip_address_type",
    "security_groups",
    "subnet_mapping",
    "subnets",
)
_LISTENER = ("load_balancer_arn", "port", "protocol", "default_action", "mutual_authentication")
_LISTENER_RULE = ("action", "condition", "priority", "listener_arn")

# Type → arguments whose change in place can interrupt both colours, or users of a resource whose colour is
# unknown. What is not here may be changed: names, logging, TLS policy, permissions, timeouts.
AVAILABILITY: Mapping[str, frozenset[str]] = {
    type_: frozenset(arguments)
    for type_, arguments in {
        # the way through the network
        "aws_vpc": ("enable_dns_hostnames", "enable_dns_support"),
        "aws_internet_gateway": ("vpc_id",),
        "aws_nat_gateway": ("secondary_allocation_ids", "secondary_private_ip_addresses"),
        "aws_eip": ("associate_with_private_ip", "instance", "network_interface"),
        "aws_route": (ANY,),
        "aws_route_table": ("route", "propagating_vgws"),
        "aws_default_route_table": ("route", "propagating_vgws"),
        "aws_route_table_association": (ANY,),
        "aws_main_route_table_association": (ANY,),
        "aws_network_acl": ("ingress", "egress", "subnet_ids"),
        "aws_default_network_acl": ("ingress", "egress", "subnet_ids"),
        "aws_network_acl_rule": (ANY,),
        "aws_network_acl_association": (ANY,),
        "aws_vpc_endpoint": (
            "policy", "private_dns_enabled", "route_table_ids", "security_group_ids", "subnet_ids",
        ),
        "aws_security_group": ("ingress", "egress"),
        "aws_default_security_group": ("ingress", "egress"),
        "aws_security_group_rule": _RULES,
        "aws_vpc_security_group_egress_rule": _RULES,
        "aws_vpc_security_group_ingress_rule": _RULES,
        "aws_route53_record": (ANY,),
        # the entrance
        "aws_lb": _LOAD_BALANCER,
        "aws_alb": _LOAD_BALANCER,
        "aws_lb_listener": _LISTENER,
        "aws_alb_listener": _LISTENER,
        "aws_lb_listener_rule": _LISTENER_RULE,
        "aws_alb_listener_rule": _LISTENER_RULE,
        "aws_lb_target_group": (ANY,),
        "aws_alb_target_group": (ANY,),
        "aws_lb_target_group_attachment": (ANY,),
        "aws_alb_target_group_attachment": (ANY,),
        "aws_wafv2_web_acl": ("default_action",),
        # what runs, and its databases
        "aws_appautoscaling_target": ("max_capacity", "min_capacity"),
        "aws_autoscaling_group": (ANY,),
        "aws_ecr_lifecycle_policy": ("policy",),
        "aws_ecs_service": (ANY,),
        "aws_db_instance": (ANY,),
        "aws_db_parameter_group": ("parameter",),
        "aws_db_subnet_group": ("subnet_ids",),
        "aws_docdb_cluster": (ANY,),
        "aws_elasticache_replication_group": (ANY,),
        "aws_rds_cluster": (ANY,),
        "aws_rds_cluster_instance": (ANY,),
        "aws_rds_cluster_parameter_group": ("parameter",),
        "aws_rds_global_cluster": (ANY,),
        # what both hold on to
        "aws_dynamodb_table": (
            "billing_mode", "deletion_protection_enabled", "global_secondary_index", "point_in_time_recovery",
            "read_capacity", "replica", "server_side_encryption", "ttl", "write_capacity",
        ),
        "aws_kms_alias": ("target_key_id",),
        "aws_kms_key": ("is_enabled", "policy"),
        "aws_kms_key_policy": ("policy",),
        "aws_ssm_parameter": ("insecure_value", "type", "value"),
    }.items()
}  # fmt: skip

# Policy documents of AVAILABILITY that may grow: only what takes a permission away interrupts anybody.
GRANTS = frozenset(
    {("aws_kms_key", "policy"), ("aws_kms_key_policy", "policy"), ("aws_vpc_endpoint", "policy")}
)

# Types of which a new one acts on what is there already: it can divert or block traffic, or deny access.
ACTS_ON_EXISTING = frozenset(
    {
        "aws_kms_key_policy",
        "aws_main_route_table_association",
        "aws_network_acl",
        "aws_network_acl_association",
        "aws_network_acl_rule",
        "aws_route",
        "aws_route_table_association",
        "aws_secretsmanager_secret_policy",
        "aws_secretsmanager_secret_rotation",
        "aws_wafv2_web_acl_association",
    }
)
