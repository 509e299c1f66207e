"""The remote deployment of the bootstrap's tests."""

from tests.bluegreen.terraform.bootstrap.conftest import remote, state_aws

__all__ = ["remote", "state_aws"]
