"""Whatever can be encrypted with a key is encrypted with one of the account's own."""

from collections.abc import Iterator
from types import MappingProxyType

from stack_gate.stack import Block

from policies._keys import not_customer_managed
from policies._policy import ResourcePolicy

# Where a resource names its key. Databases, tables and buckets have policies of their own.
ARGUMENTS = MappingProxyType(
    {
        "aws_backup_vault": "kms_key_arn",
        "aws_cloudtrail": "kms_key_id",
        "aws_db_instance": "performance_insights_kms_key_id",
        "aws_rds_cluster": "performance_insights_kms_key_id",
        "aws_rds_cluster_instance": "performance_insights_kms_key_id",
        "aws_sfn_state_machine": "encryption_configuration.kms_key_id",
        "aws_cloudwatch_log_group": "kms_key_id",
        "aws_ebs_volume": "kms_key_id",
        "aws_ecr_repository": "encryption_configuration.kms_key",
        "aws_ecs_cluster": (
            "configuration.managed_storage_configuration.fargate_ephemeral_storage_kms_key_id"
        ),
        "aws_efs_file_system": "kms_key_id",
        "aws_elasticache_replication_group": "kms_key_id",
        "aws_kinesis_stream": "kms_key_id",
        "aws_lambda_function": "kms_key_arn",
        "aws_secretsmanager_secret": "kms_key_id",
        "aws_sns_topic": "kms_master_key_id",
        "aws_sqs_queue": "kms_master_key_id",
        "aws_ssm_parameter": "key_id",
    }
)


class CustomerKeyIsNamed(ResourcePolicy):
    policy = "CKV_BG_5"
    title = "Everything that can name a key names a customer-managed one"
    requirement = "R02"
    pci = "3.5.1"
    profiles = ("general",)
    severity = "HIGH"
    why = "What is encrypted with a key of AWS, or not at all, can be read by all who may call the service"
    fix = "set the argument to the ARN of the stack's aws_kms_key"
    types = tuple(ARGUMENTS)
    replaces = MappingProxyType(
        {
            "CKV_AWS_27": "it calls a queue without a key unencrypted; SQS has encrypted it with its own, "
            "and this policy asks for a key of the account"
        }
    )

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type == "aws_ssm_parameter" and resource.get("type") != "SecureString":
            return  # not encrypted, and nothing to hide
        if resource.type == "aws_lambda_function" and not resource.get("environment"):
            return  # it is the environment that the key encrypts
        argument = ARGUMENTS[resource.type]
        if argument == "performance_insights_kms_key_id" and not (
            resource.flag("performance_insights_enabled") or resource.get(argument)
        ):
            return  # nothing is kept
        if defect := not_customer_managed(resource, ARGUMENTS[resource.type]):
            yield defect


check = CustomerKeyIsNamed()
