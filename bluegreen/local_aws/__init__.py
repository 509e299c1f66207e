"""The embedded AWS: moto's server as a child process, extended where it lacks what the platform needs.

    with local_aws.running(state_dir) as aws:
        aws.client("ssm").get_parameter(Name="/payments/active")

It listens on a free loopback port. `extensions/` holds one module for every thing that moto lacks,
`functions/` what runs deployed Lambda functions.
"""

from bluegreen.local_aws.handle import ACCOUNT_ID, REGION, LocalAws, LocalAwsError
from bluegreen.local_aws.lifecycle import find, running, start, stop
from bluegreen.local_aws.seeding import (
    HEALTH_STATES,
    register_stand_ins,
    seed_certificate,
    seed_credentials,
    set_target_health,
)

__all__ = [
    "ACCOUNT_ID",
    "HEALTH_STATES",
    "REGION",
    "LocalAws",
    "LocalAwsError",
    "find",
    "register_stand_ins",
    "running",
    "seed_certificate",
    "seed_credentials",
    "set_target_health",
    "start",
    "stop",
]
