"""A region that the account has not switched on, and advice that is followed."""

import shlex

import pytest

from tests.bluegreen.operate.doctor.world import World, blocks, build
from tests.default_session import led_to
from tests.workspaces import stack_of

REGION = "eu-central-2"


@pytest.fixture(scope="module")
def elsewhere(seeded: World, workspace: object, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same account, seeded in a region that is not enabled."""
    directory = tmp_path_factory.mktemp("elsewhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        led_to(seeded.aws, patch)
        return build(seeded.aws, directory, stack_of(workspace, "staging"), REGION)  # type: ignore[arg-type]


@pytest.fixture
def there(elsewhere: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The same, and an environment that leads to it."""
    monkeypatch.chdir(elsewhere.directory)
    led_to(elsewhere.aws, monkeypatch)
    return elsewhere


def test_a_region_that_is_not_enabled(there: World) -> None:
    assert there.not_passed() == [("region", "failed")]


def test_the_increase_that_it_advises_suffices(there: World) -> None:
    with there.edited() as document:
        blocks(document, "aws_appautoscaling_target")[0]["max_capacity"] = 100
        _, _, answer = there.doctor()
        (said,) = [one for one in answer["checks"] if one["check"] == "quota: Fargate vCPUs"]
        assert said["verdict"] == "failed"
        words = shlex.split(said["fix"])
        options = dict(zip(words[3::2], words[4::2], strict=True))
        assert (words[:3], options["--region"]) == (
            ["aws", "service-quotas", "request-service-quota-increase"],
            REGION,
        )
        there.client("service-quotas").request_service_quota_increase(
            ServiceCode=options["--service-code"],
            QuotaCode=options["--quota-code"],
            DesiredValue=float(options["--desired-value"]),
        )
        assert there.not_passed() == [("region", "failed")]
