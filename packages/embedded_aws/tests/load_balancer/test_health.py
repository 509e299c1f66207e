"""Health as the load balancer finds it, as somebody forces it, and what routing makes of it; draining."""

from concurrent.futures import ThreadPoolExecutor

import embedded_aws

from packages.embedded_aws.tests.load_balancer.conftest import Stage, ask, eventually, forward, told

HEALTHY = ("healthy", None, None)


def names(url: str, count: int = 6) -> set[str]:
    """Which targets answer."""
    return {told(url)["name"] for _ in range(count)}


def test_a_new_target_is_healthy_after_one_check_and_unhealthy_after_some(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    group, _ = stage.serving(origin, HealthyThresholdCount=10, UnhealthyThresholdCount=2)
    asked = len(origin.requests("/health"))
    assert asked < 10
    origin.health = 500
    stage.await_health(group, {"127.0.0.2": "unhealthy"})
    assert len(origin.requests("/health")) >= asked + 2
    assert stage.health(group)["127.0.0.2"] == (
        "unhealthy",
        "Target.ResponseCodeMismatch",
        "Health checks failed with these codes: [500]",
    )
    assert origin.requests("/health")[0]["headers"]["User-Agent"] == "ELB-HealthChecker/2.0"


def test_an_unhealthy_target_gets_no_requests_until_it_is_well_again(stage: Stage) -> None:
    sick, well = stage.origin("sick", "127.0.0.2"), stage.origin("well", "127.0.0.3")
    group, url = stage.serving(sick, well)
    sick.health = 503
    stage.await_health(group, {"127.0.0.2": "unhealthy", "127.0.0.3": "healthy"})
    assert names(url) == {"well"}
    sick.health = 200
    stage.await_health(group, {"127.0.0.2": "healthy", "127.0.0.3": "healthy"})
    assert names(url) == {"sick", "well"}


def test_a_matcher_decides_which_statuses_are_well(stage: Stage) -> None:
    origins = [stage.origin(name, f"127.0.0.{host}") for host, name in ((2, "a"), (3, "b"), (4, "c"))]
    for origin, status in zip(origins, (204, 301, 302), strict=True):
        origin.health = status
    group = stage.group(*origins, Matcher={"HttpCode": "200-204,302"})
    stage.listener(forward({group: 1}))
    stage.await_health(group, {"127.0.0.2": "healthy", "127.0.0.3": "unhealthy", "127.0.0.4": "healthy"})


def test_a_check_that_takes_too_long_has_failed(stage: Stage) -> None:
    origin = stage.origin("blue", "127.0.0.2")
    origin.slow_health = True
    group = stage.group(origin, HealthCheckTimeoutSeconds=1)
    stage.await_health(group, {"127.0.0.2": "unhealthy"})
    assert stage.health(group)["127.0.0.2"] == ("unhealthy", "Target.Timeout", "Request timed out")


def test_with_no_healthy_target_all_get_requests(stage: Stage) -> None:
    origins = [stage.origin("a", "127.0.0.2"), stage.origin("b", "127.0.0.3")]
    group, url = stage.serving(*origins)
    for origin in origins:
        origin.health = 500
    stage.await_health(group, {"127.0.0.2": "unhealthy", "127.0.0.3": "unhealthy"})
    assert names(url) == {"a", "b"}


def test_what_somebody_forces_counts_until_the_checks_are_asked_again(stage: Stage) -> None:
    origins = [stage.origin("a", "127.0.0.2"), stage.origin("b", "127.0.0.3")]
    group, url = stage.serving(*origins)
    embedded_aws.set_target_health(stage.aws, group, "unhealthy", target_id="127.0.0.2")
    stage.settle()
    checks = len(origins[0].requests("/health"))
    assert names(url) == {"b"}
    eventually(
        lambda: len(origins[0].requests("/health")) > checks
    )  # they go on, and pass, and change nothing
    assert stage.health(group)["127.0.0.2"][:2] == ("unhealthy", "Target.FailedHealthChecks")

    origins[1].health = 500
    embedded_aws.set_target_health(stage.aws, group, embedded_aws.CHECKED)
    stage.await_health(group, {"127.0.0.2": "healthy", "127.0.0.3": "unhealthy"})


def test_a_target_that_is_out_of_use_gets_nothing(stage: Stage) -> None:
    group, url = stage.serving(stage.origin("a", "127.0.0.2"))
    embedded_aws.set_target_health(stage.aws, group, "unused")
    stage.settle()
    assert ask(url)[0].status == 503


def test_a_deregistered_target_finishes_what_it_has_and_gets_nothing_new(stage: Stage) -> None:
    old, new = stage.origin("old", "127.0.0.2"), stage.origin("new", "127.0.0.3")
    group, url = stage.serving(old)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(ask, url, "/hold")
        eventually(lambda: bool(old.requests("/hold")))
        stage.elbv2.register_targets(TargetGroupArn=group, Targets=[new.target])
        stage.await_health(group, {"127.0.0.2": "healthy", "127.0.0.3": "healthy"})
        stage.elbv2.deregister_targets(TargetGroupArn=group, Targets=[old.target])
        stage.await_health(group, {"127.0.0.2": "draining", "127.0.0.3": "healthy"})
        assert names(url) == {"new"}
        old.release()
        answer, body = held.result()
    assert (answer.status, body) == (200, b"old")
    eventually(lambda: stage.health(group) == {"127.0.0.3": HEALTHY})


def test_the_deregistration_delay_ends_what_takes_longer(stage: Stage) -> None:
    origin = stage.origin("old", "127.0.0.2")
    group, url = stage.serving(origin)
    stage.elbv2.modify_target_group_attributes(
        TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "1"}]
    )
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(ask, url, "/hold")
        eventually(lambda: bool(origin.requests("/hold")))
        stage.elbv2.deregister_targets(TargetGroupArn=group, Targets=[origin.target])
        answer, _ = held.result()
    assert (answer.status, answer.headers["Server"]) == (502, "awselb/2.0")
    eventually(lambda: stage.health(group) == {})
