"""Processes beside the embedded AWS that do not come up."""

import pytest
from embedded_aws import LocalAwsError
from embedded_aws.companions.services import Services

pytestmark = pytest.mark.integration


def test_a_service_that_ends_at_once_is_not_waited_for() -> None:
    services = Services({}, ready_seconds=60)
    with pytest.raises(LocalAwsError, match="the service of blue has ended"):
        services.start("blue", {"module": "embedded_aws.no_such_module", "root": None, "targets": []})
    services.close()
