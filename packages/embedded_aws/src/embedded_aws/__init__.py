"""The embedded AWS: moto's server as a child process, extended where it lacks what the platform needs.

    with local_aws.running(state_dir) as aws:
        aws.client("ssm").get_parameter(Name="/payments/active")

It listens on a free loopback port. `extensions/` holds one module for every thing that moto lacks,
`functions/` what runs deployed Lambda functions. Beside it run, where a caller starts them, a load balancer
(`load_balancer/`) and a service of each colour; `companions/` is how it keeps them.
"""

from embedded_aws.clients import REGION
from embedded_aws.handle import ACCOUNT_ID, LocalAws, LocalAwsError
from embedded_aws.lifecycle import find, running, start, stop
from embedded_aws.rehearsal import (
    LocalListener,
    LocalTraffic,
    denials,
    forget_metrics,
    local_traffic,
    needs,
    refused_egress,
    rotation,
    run_backup_plan,
    run_schedule,
    services_dir,
    set_conditions,
    set_incident,
    stand_in,
    start_databases,
    start_load_balancer,
    start_service,
)
from embedded_aws.seeding import (
    CHECKED,
    HEALTH_STATES,
    as_administrator_of,
    as_deploying_role,
    as_role,
    register_targets,
    secret_value,
    seed_certificate,
    seed_credentials,
    seed_image,
    set_target_health,
)

__all__ = [
    "ACCOUNT_ID",
    "CHECKED",
    "HEALTH_STATES",
    "REGION",
    "LocalAws",
    "LocalAwsError",
    "LocalListener",
    "LocalTraffic",
    "as_administrator_of",
    "as_deploying_role",
    "as_role",
    "denials",
    "find",
    "forget_metrics",
    "local_traffic",
    "needs",
    "refused_egress",
    "register_targets",
    "rotation",
    "run_backup_plan",
    "run_schedule",
    "running",
    "secret_value",
    "seed_certificate",
    "seed_credentials",
    "seed_image",
    "services_dir",
    "set_conditions",
    "set_incident",
    "set_target_health",
    "stand_in",
    "start",
    "start_databases",
    "start_load_balancer",
    "start_service",
    "stop",
]
