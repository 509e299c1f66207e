"""What the platform tells of itself (R35). Live values are read from AWS, never written here."""

from collections.abc import Mapping
from typing import Protocol

from lambda_src.contract.aliases import Alias
from modules.config import Deployment
from modules.data.backup import Backup
from modules.data.credentials import Credentials
from modules.data.database import Database
from modules.data.sessions import Sessions
from modules.foundation.encryption import Encryption
from modules.ledger import Ledger
from modules.network.vpc import Network
from modules.observability import ColourMonitoring, Monitoring
from modules.switch.control_table import ControlTable
from modules.switch.function import Switching
from modules.switch.workflow import Workflow
from modules.traffic.load_balancer import LoadBalancer
from modules.traffic.service import Service


class Platform(Protocol):
    """The parts of a stack that its outputs are about; what is by colour has a dict."""

    deployment: Deployment
    network: Network
    encryption: Encryption
    load_balancer: LoadBalancer
    switching: Switching
    workflow: Workflow
    control: ControlTable
    sessions: Sessions
    backup: Backup
    monitoring: Monitoring
    ledger: Ledger | None
    databases: dict[str, Database]
    credentials: dict[str, Credentials]
    services: dict[str, Service]
    colours: dict[str, ColourMonitoring]


def platform_outputs(platform: Platform) -> Mapping[str, tuple[object, str]]:
    """Name → (value, description), in the order of the synthesized file."""
    switching, balancer = platform.switching, platform.load_balancer
    return (
        {
            "region": (platform.deployment.region, "AWS region"),
            "vpc_id": (platform.network.vpc_id, "VPC"),
            "application_subnet_cidrs": (
                [str(cidr) for cidr in platform.network.application.cidrs],
                "Networks of the application subnets, one a zone",
            ),
            "kms_key_id": (platform.encryption.key_id, "The key that encrypts everything at rest"),
            "alb_dns_name": (balancer.dns_name, "The load balancer's DNS name"),
            "listener_arn": (balancer.listener.arn, "The production listener"),
            "test_listener_arn": (balancer.test_listener.arn, "The listener of the inactive colour"),
            "switch_lambda_name": (switching.function.function_name, "The function that moves traffic"),
            "switch_lambda_arn": (switching.function.arn, "Its ARN"),
            "switch_operate_arn": (
                switching.aliases[Alias.OPERATE].arn,
                "Its alias for operators and pipelines, the ARN that they invoke",
            ),
            "switch_deploy_arn": (
                switching.aliases[Alias.DEPLOY].arn,
                "Its alias for pipelines that deploy versions, the ARN that they invoke",
            ),
            "switch_read_arn": (
                switching.read.function.arn,
                "The function that reads: status, preflight, history",
            ),
            "shift_state_machine_arn": (
                platform.workflow.state_machine.arn,
                "The workflow that shifts traffic in steps",
            ),
            "control_table_name": (platform.control.table.name, "The table of the switch's lock and history"),
            "dynamodb_table_name": (platform.sessions.table.name, "The table of sessions"),
            "backup_vault_name": (platform.backup.vault.name, "The backup vault"),
            "dashboard_name": (platform.monitoring.dashboard.dashboard_name, "The CloudWatch dashboard"),
            "active_environment_parameter": (
                switching.active_environment.name,
                "SSM parameter that records the active environment",
            ),
            "active_environment": (
                switching.active_environment.insecure_value,
                "The active environment, as recorded at the last refresh",
            ),
            "migration_status": (
                switching.migration_status.insecure_value,
                "The migration's record, as of the last refresh (JSON)",
            ),
            "connection_info": (
                _connection_info(platform),
                "What an application needs of both colours; which is active, as of the last refresh",
            ),
        }
        | {
            f"{colour}_cluster_endpoint": (database.cluster.endpoint, f"Writer endpoint of {colour}")
            for colour, database in platform.databases.items()
        }
        | _ledger(platform.ledger)
        | {
            f"{colour}_alarm_name": (each.any_rings.alarm_name, f"Rings while any alarm of {colour} does")
            for colour, each in platform.colours.items()
        }
        | {
            f"{colour}_target_group_arn": (service.target_group.arn, f"Target group of {colour}")
            for colour, service in platform.services.items()
        }
    )


def _ledger(ledger: Ledger | None) -> dict[str, tuple[str, str]]:
    if ledger is None:
        return {}
    return {
        "ledger_lambda_arn": (ledger.mover.function.arn, "The function that moves the ledger"),
        "ledger_health_lambda_arn": (ledger.health.function.arn, "The function that reads its state"),
        "ledger_migrate_lambda_arn": (ledger.migration.function.arn, "The function that changes its schema"),
        "ledger_setup_lambda_arn": (ledger.setup.function.arn, "The function that sets it up"),
    }


def _connection_info(platform: Platform) -> dict[str, object]:
    """Where an application finds load balancer, database, credentials and sessions. No secret in it."""
    return {
        "active_environment": platform.switching.active_environment.insecure_value,
        "alb_dns_name": platform.load_balancer.dns_name,
        "dynamodb_table_name": platform.sessions.table.name,
    } | {
        colour: {
            "cluster_endpoint": database.cluster.endpoint,
            "reader_endpoint": database.cluster.reader_endpoint,
            "database_name": database.cluster.database_name,
            "port": database.cluster.port,
            "secret_arn": platform.credentials[colour].secret.arn,
            "application_role_arn": platform.services[colour].role.arn,
            "target_group_arn": platform.services[colour].target_group.arn,
        }
        for colour, database in platform.databases.items()
    }
