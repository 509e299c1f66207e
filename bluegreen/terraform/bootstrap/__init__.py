"""What has to exist before the first `terraform init`: the bucket of the state, and its key.

    bootstrap = Bootstrap(access, backend)
    for finding in bootstrap.look(): ...
    bootstrap.carry_out()

It looks first and puts right only what is not as it should be, so it can be run again at any time.
"""

from bluegreen.terraform.bootstrap.backend import StateBackend, state_backend
from bluegreen.terraform.bootstrap.errors import BackendRefusedError, BootstrapError
from bluegreen.terraform.bootstrap.run import Bootstrap, Finding

__all__ = [
    "BackendRefusedError",
    "Bootstrap",
    "BootstrapError",
    "Finding",
    "StateBackend",
    "state_backend",
]
